import assert from "node:assert/strict";
import { test } from "node:test";
import { createRealRandom } from "./real-random.ts";

test("no bytes are given twice, whatever sizes are asked for", () => {
  const random = createRealRandom();
  const seen = new Set<string>();
  let count = 0;
  for (const size of [16, 20, 4095, 4096, 4097, 32]) {
    for (let round = 0; round < 300; round++, count++) {
      const bytes = random.bytes(size);
      assert.equal(bytes.length, size);
      seen.add(Buffer.from(bytes).toString("latin1", 0, 16));
    }
  }
  assert.equal(seen.size, count);
});

test("what was given does not change when more is asked for", () => {
  const random = createRealRandom();
  const first = random.bytes(20);
  const before = Buffer.from(first).toString("hex");
  for (let round = 0; round < 1000; round++) random.bytes(20);
  assert.equal(Buffer.from(first).toString("hex"), before);
});

test("fractions lie from 0 to below 1", () => {
  const random = createRealRandom();
  for (let round = 0; round < 1000; round++) {
    const fraction = random.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
  }
});
