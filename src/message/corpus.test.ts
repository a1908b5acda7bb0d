import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { goldenFile, readCorpus } from "./corpus.ts";
import { digestMessage } from "./digest.ts";

const messages = readCorpus();

test("the corpus is there", () => {
  assert.ok(messages.length >= 46);
});

// After a wanted change: UPDATE_GOLDEN=1 npm test, and read the difference before committing it.
for (const { name, bytes } of messages) {
  test(`${name} is digested as expected`, () => {
    const actual = `${JSON.stringify(digestMessage(bytes), undefined, 1)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(goldenFile(name), actual);
    assert.equal(actual, readFileSync(goldenFile(name), "utf8"));
  });
}

test("a digest survives JSON, because that is how it is stored", () => {
  for (const { bytes } of messages) {
    const digest = digestMessage(bytes);
    const { structure } = digest;
    assert.deepEqual(JSON.parse(JSON.stringify(structure)), structure);
  }
});
