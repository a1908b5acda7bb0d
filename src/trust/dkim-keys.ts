import type { KeyObject } from "node:crypto";
import { createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { Refusal } from "../base/faults.ts";

/** RFC 8301 §3.1, RFC 8463 §3. */
export type DkimAlgorithm = "rsa-sha256" | "ed25519-sha256";

/** A key that signs for a domain. */
export interface DkimKey {
  /** In A-labels. */
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/**
 * A new private key as PEM (PKCS #8). RSA takes around 100 ms of another thread; 2048 bits are what
 * RFC 8301 §3.2 asks of signers.
 */
export async function generateDkimKey(algorithm: DkimAlgorithm): Promise<string> {
  const { privateKey } =
    algorithm === "rsa-sha256"
      ? await generate("rsa", { modulusLength: 2048 })
      : await generate("ed25519", {});
  return privateKey.export({ format: "pem", type: "pkcs8" });
}

/** Reads a private key. @throws Refusal `syntax` when it is none that DKIM can use. */
export function readDkimKey(domain: string, selector: string, pem: string): DkimKey {
  const privateKey = importPrivate(pem);
  const type = privateKey?.asymmetricKeyType;
  const bits = privateKey?.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey === undefined || (type !== "rsa" && type !== "ed25519")) {
    throw new Refusal("syntax", "The DKIM key must be an RSA or Ed25519 private key in PEM.");
  }
  if (type === "rsa" && bits < 1024) {
    throw new Refusal("syntax", `The DKIM key has ${bits} bits; use 2048.`);
  }
  const algorithm = type === "rsa" ? "rsa-sha256" : "ed25519-sha256";
  return { domain, selector, algorithm, privateKey };
}

/** The record to publish: its name, and its text (RFC 6376 §3.6.1, RFC 8463 §4). */
export function dkimRecord(key: DkimKey): { readonly name: string; readonly text: string } {
  const der = createPublicKey(key.privateKey).export({ format: "der", type: "spki" });
  const isRsa = key.algorithm === "rsa-sha256";
  // RFC 8463 §4: the 32 bytes alone, which end the SubjectPublicKeyInfo.
  const data = (isRsa ? der : der.subarray(-32)).toString("base64");
  const name = `${key.selector}._domainkey.${key.domain}`;
  return { name, text: `v=DKIM1; k=${isRsa ? "rsa" : "ed25519"}; p=${data}` };
}

/** TXT data for a zone file: quoted strings of at most 255 bytes (RFC 1035 §3.3.14). */
export function formatTxtData(text: string): string {
  const strings = text.match(/[^]{1,255}/g) ?? [""];
  return strings.map((part) => `"${part.replace(/["\\]/g, "\\$&")}"`).join(" ");
}

function importPrivate(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // What OpenSSL says of it helps nobody; the caller says what is wanted.
    return undefined;
  }
}
