import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDocs } from "./docs.ts";

const base = {
  "package.json": '{"scripts":{"check":"x"}}',
  "docs/a.md": "",
  "src/a/b.ts": "",
  "src/app/main.ts": 'program.command("serve").action(serve);',
};
const faultsOf = (text: string) =>
  checkDocs(new Map(Object.entries({ ...base, "docs/x.md": text }))).faults;

test("links to files, folders, anchors and other sites are good", () => {
  assert.deepEqual(faultsOf("[a](a.md#b) [b](../src/a/) [c](https://x.example) [d](#here)"), []);
});

test("a link that leads nowhere is found with its line, but not in code", () => {
  assert.deepEqual(faultsOf("one\n[a](../absent.md)"), [
    "docs/x.md:2: the link to absent.md leads nowhere",
  ]);
  assert.deepEqual(faultsOf("```\n[a](absent.md)\n```\n`[b](absent.md)`"), []);
});

test("scripts and commands that documents name must exist", () => {
  assert.deepEqual(faultsOf("`npm run check`, `golub serve --trial`"), []);
  assert.deepEqual(faultsOf("`npm run fly` and `golub fly`"), [
    "docs/x.md:1: npm run fly is not in package.json",
    "docs/x.md:1: golub fly is not a command",
  ]);
  assert.deepEqual(faultsOf("```\n$ golub fly\n```"), ["docs/x.md:2: golub fly is not a command"]);
});

test("no documents is nothing seen", () => {
  assert.equal(checkDocs(new Map()).seen, 0);
});
