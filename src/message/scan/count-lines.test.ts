import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LF } from "../../base/bytes.ts";
import { countLines } from "./count-lines.ts";

test("line feeds are counted the same at any place in memory, dense or rare", () => {
  const byte = fc.constantFrom(LF, LF, 0x0d, 0x8a, 0x0b, 0x00, 0xff, 0x61);
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 3000 }), fc.nat(7), fc.nat(9), (list, skip, start) => {
      const memory = new Uint8Array(list.length + skip);
      memory.set(list, skip);
      const bytes = memory.subarray(skip);
      const from = Math.min(start, bytes.length);
      const expected = list.slice(from).filter((each) => each === LF).length;
      assert.equal(countLines(bytes, from, bytes.length), expected);
    }),
    { numRuns: 200 },
  );
  const full = new Uint8Array(5000).fill(LF);
  assert.equal(countLines(full, 0, full.length), 5000);
});
