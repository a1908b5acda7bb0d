import { assert } from "../base/assert.ts";
import { Refusal } from "../base/faults.ts";
import { checkProof, parseClientFirst } from "./sasl/scram-server.ts";
import { parsePlain } from "./sasl/plain.ts";
import { parseSaslText } from "./sasl/text.ts";
import { parseSaslLine } from "./sasl.ts";

export const seeds: readonly Uint8Array[] = [
  "\0user\0pencil",
  "user\0user\0pencil",
  "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
  "p=tls-exporter,a=user,n=us=2Cer,r=abc,x=1",
  "c=biws,r=abcdef,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
  "AHVzZXIAcGVuY2ls",
  "*",
].map((text) => Buffer.from(text, "latin1"));

const key = new Uint8Array(20);
const secret = { salt: key, iterations: 4096, storedKey: key, serverKey: key };
const first = { gs2Header: "n,,", bare: "n=user,r=abc", name: "user", nonce: "abc" };
const proving = { at: "proof", first, serverFirst: "r=abcdef,s=AA==,i=4096", secret } as const;

/** Whatever a client says is read within bounds or refused, and proves nothing by chance. */
export function fuzz(bytes: Uint8Array): void {
  refusedOr(() => {
    const { name, password } = parsePlain(bytes);
    assert(name !== "" && password !== "" && !(name + password).includes("\0"), "two texts");
  });
  refusedOr(() => {
    const { bare, gs2Header, name, nonce } = parseClientFirst(parseSaslText(bytes));
    assert(gs2Header + bare === parseSaslText(bytes), "header and rest are the whole");
    assert(name !== "" && nonce !== "", "a name and a nonce");
  });
  refusedOr(() => {
    checkProof("SHA-1", parseSaslText(bytes), proving, new Uint8Array(0));
    assert(false, "nothing proves a key that no password has");
  });
  refusedOr(() => {
    const decoded = parseSaslLine(Buffer.from(bytes).toString("latin1"));
    assert(decoded.length <= (bytes.length * 3) / 4, "no longer than its base64");
  });
}

function refusedOr(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
