import assert from "node:assert/strict";
import { test } from "node:test";
import { isBelow, newMailboxName, normaliseMailboxName, parentNames } from "./names.ts";

test("INBOX is the same in any letter case, as a whole first level only (RFC 9051 §5.1)", () => {
  assert.equal(normaliseMailboxName("inBox"), "INBOX");
  assert.equal(normaliseMailboxName("inbox/Work"), "INBOX/Work");
  assert.equal(normaliseMailboxName("inboxes"), "inboxes");
  assert.equal(normaliseMailboxName("a/inbox"), "a/inbox");
});

test("names are kept composed, so that one name is one mailbox", () => {
  assert.equal(normaliseMailboxName("Po\u0302sta"), "P\u00f4sta");
  assert.equal(newMailboxName("Пошта/Сметки/"), "Пошта/Сметки");
});

test("names that no client could show, list or reach are refused", () => {
  const bad = ["", "/", "a//b", "/a", "a\u0000b", "a\u007fb", "a\u0085b", "a\u2028b"];
  const more = ["a\ud800", "a%b", "a*", "#news", "a//", "x".repeat(256), "a/".repeat(20) + "a"];
  for (const name of [...bad, ...more]) {
    assert.throws(() => newMailboxName(name), { reason: "mailboxNameInvalid" }, name);
  }
  assert.throws(() => newMailboxName("ш".repeat(128)), { reason: "mailboxNameInvalid" });
  assert.equal(newMailboxName("ш".repeat(127)), "ш".repeat(127));
});

test("parents are named outermost first", () => {
  assert.deepEqual(parentNames("a/b/c"), ["a", "a/b"]);
  assert.deepEqual(parentNames("a"), []);
  assert.ok(isBelow("a/b", "a"));
  assert.ok(!isBelow("ab", "a"));
});
