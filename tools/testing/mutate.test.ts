import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../../src/base/bytes.ts";
import { seededRandom } from "../../src/base/random.ts";
import { inputBytesMax, mutate } from "./mutate.ts";

const seeds = [fromLatin1("A1 FETCH 1:* (FLAGS)\r\n"), new Uint8Array(inputBytesMax)];

test("the same seed makes the same inputs, another seed makes others", () => {
  const inputsOf = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 50 }, () => mutate(seeds, random));
  };
  assert.deepEqual(inputsOf(1), inputsOf(1));
  assert.notDeepEqual(inputsOf(1), inputsOf(2));
});

test("inputs stay within the limit and are rarely the seed itself", () => {
  const random = seededRandom(3);
  const inputs = Array.from({ length: 300 }, () => mutate(seeds, random));
  assert.ok(inputs.every((input) => input.length <= inputBytesMax));
  const unchanged = inputs.filter((input) =>
    seeds.some((seed) => Buffer.compare(seed, input) === 0),
  );
  assert.ok(unchanged.length < 30, `${unchanged.length} of 300 are unchanged`);
});
