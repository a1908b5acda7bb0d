import { assert } from "../base/assert.ts";
import { Refusal } from "../base/faults.ts";
import { formatQuery, parseDnsMessage } from "./dns-codec.ts";
import { formatAnswer, record } from "./dns-fixture.ts";

const query = formatQuery(7, "example.org", 15);

export const seeds: readonly Uint8Array[] = [
  query,
  formatAnswer(query, { answers: [record("example.org", "mx", "mx.example.org")] }),
  formatAnswer(query, { answers: [record("example.org", "txt", "one|two")] }),
  formatAnswer(query, { answers: [record("example.org", "aaaa", "00".repeat(16))] }),
  formatAnswer(query, { answers: [record("example.org", "tlsa", "030101aabb")] }),
  formatAnswer(query, { code: 3, authorities: [record("example.org", "soa", "60")] }),
  // A name that points at itself, one that points forward, and two that point at each other.
  Buffer.from("000781800001000000000000c00c00010001", "hex"),
  Buffer.from("000781800001000000000000c00e00010001", "hex"),
  Buffer.from("000781800001000000000000c00ec00c0001", "hex"),
];

/** Any bytes are a message within bounds or are refused as syntax. */
export function fuzz(bytes: Uint8Array): void {
  let message;
  try {
    message = parseDnsMessage(bytes);
  } catch (error) {
    if (error instanceof Refusal && error.reason === "syntax") return;
    throw error;
  }
  for (const { name, ttlSeconds } of [...message.answers, ...message.authorities]) {
    // Escaping makes at most four characters of a byte.
    assert(name.length <= 4 * 255, "a name within its limit");
    assert(ttlSeconds >= 0 && ttlSeconds <= 0x7fff_ffff, "a time to live within its limit");
  }
}
