import { isIP } from "node:net";
import { assert } from "../base/assert.ts";
import { parseProxyHeader } from "./proxy-header.ts";

const v2Start = "0d0a0d0a000d0a515549540a";

export const seeds: readonly Uint8Array[] = [
  Buffer.from("PROXY TCP4 203.0.113.7 192.0.2.1 5555 25\r\nEHLO x\r\n"),
  Buffer.from("PROXY TCP6 2001:db8::7 2001:db8::1 5555 25\r\n"),
  Buffer.from("PROXY UNKNOWN\r\n"),
  Buffer.from(`${v2Start}2111000ccb007107c000020115b30019`, "hex"),
  Buffer.from(`${v2Start}21210024${"20010db8".repeat(8)}15b30019`, "hex"),
  Buffer.from(`${v2Start}20000000`, "hex"),
  Buffer.from("EHLO mail.example.org\r\n"),
];

/** A header is whole within its bytes, its answer does not change with what follows. */
export function fuzz(bytes: Uint8Array): void {
  const answer = parseProxyHeader(bytes);
  if (answer.kind === "needsMore") {
    assert(bytes.length < 4096, "more is asked for within the limit");
    return;
  }
  if (answer.kind === "invalid") return;
  assert(answer.headerBytes <= bytes.length, "the header is within the bytes");
  const alone = parseProxyHeader(bytes.subarray(0, answer.headerBytes));
  assert(JSON.stringify(alone) === JSON.stringify(answer), "the header stands alone");
  if (answer.kind !== "proxied") return;
  for (const { address, port } of [answer.remote, answer.local]) {
    assert(isIP(address) !== 0, "an address");
    assert(port >= 0 && port <= 65_535, "a port");
  }
}
