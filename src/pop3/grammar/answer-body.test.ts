import { test } from "node:test";
import fc from "fast-check";
import { fuzz, seeds } from "./answer-body.fuzz.ts";

test("any message comes through RETR and TOP whole, in whatever pieces it is read", () => {
  for (const seed of seeds) fuzz(seed);
  const byte = fc.constantFrom(0x2e, 0x0d, 0x0a, 0x61, 0x00);
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => fuzz(Uint8Array.from(bytes))),
    { numRuns: 2000 },
  );
});
