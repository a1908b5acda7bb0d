import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMaildropName } from "./maildrop-name.ts";

test("a login name may ask for recent mail only, and for another mailbox", () => {
  const cases: readonly (readonly [string, string, string | undefined, boolean])[] = [
    ["ana@example.org", "ana@example.org", undefined, false],
    ["recent:ana@example.org", "ana@example.org", undefined, true],
    ["Recent:ana+phone", "ana+phone", undefined, true],
    ["ana@example.org+folder=Lists/a@b+c", "ana@example.org", "Lists/a@b+c", false],
    ["recent:ana@example.org+pc+Folder=Čaj", "ana@example.org+pc", "Čaj", true],
    ["ana+folder=Work", "ana", "Work", false],
    ["ana@example.org+folder=", "ana@example.org", undefined, false],
    ["ana+folder=x@example.org", "ana+folder=x@example.org", undefined, false],
  ];
  for (const [text, login, mailbox, isRecent] of cases) {
    assert.deepEqual(parseMaildropName(text), { login, mailbox, isRecent }, text);
  }
});
