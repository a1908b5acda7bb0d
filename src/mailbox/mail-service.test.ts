import assert from "node:assert/strict";
import { test } from "node:test";
import { messageId, uid } from "../base/ids.ts";
import type { Refusal } from "../base/faults.ts";
import { utf8 } from "../base/bytes.ts";
import { flagBits } from "../store/mail-changes.ts";
import { noFlags } from "./flags.ts";
import { createMailFixture, shortMessage } from "./mail-fixture.ts";
import type { MailFixture } from "./mail-fixture.ts";

const reason = (wanted: Refusal["reason"]) => (error: Refusal) => error.reason === wanted;

async function appendOne({ mail, inbox }: MailFixture, subject: string, flags = noFlags) {
  const [added] = await mail.append(inbox, [{ parts: [shortMessage(subject)], flags }]);
  assert.ok(added !== undefined);
  return added;
}

test("an appended message is read back byte for byte, whole and in part", async () => {
  await using fixture = await createMailFixture();
  const { mail } = fixture;
  const { message } = await appendOne(fixture, "one");
  const [fields] = await mail.messages([message], ["body", "envelope", "search"]);
  assert.ok(fields !== undefined);
  const bytes = shortMessage("one");
  assert.deepEqual(Buffer.from(await mail.readBody(fields.body)), Buffer.from(bytes));
  assert.equal(utf8(await mail.readBody(fields.body, 6, 10)), "Boro");
  const pieces: Uint8Array[] = [];
  for await (const piece of mail.streamBody(fields.body, 6)) pieces.push(piece);
  assert.equal(utf8(Buffer.concat(pieces)), utf8(bytes).slice(6));
  assert.match(fields.search.headers, /^one\nboro <boro@example.net>\n/);
});

test("an append of several messages keeps all or none", async () => {
  await using fixture = await createMailFixture({ limits: { messageBytesMax: 500 } });
  const { mail, inbox } = fixture;
  const items = [shortMessage("small"), shortMessage("large", "x".repeat(500))];
  await assert.rejects(
    mail.append(
      inbox,
      items.map((bytes) => ({ parts: [bytes], flags: noFlags })),
    ),
    reason("messageTooLarge"),
  );
  assert.equal((await mail.getMailbox("inbox")).totalCount, 0);
});

test("a view shows what the same account has just done, and a second view after its sync", async () => {
  await using fixture = await createMailFixture();
  const { mail, inbox } = fixture;
  await appendOne(fixture, "one");
  const first = await mail.openView(inbox);
  const second = await mail.openView(inbox);
  await appendOne(fixture, "two");
  assert.equal(first.count, 1);
  assert.equal(first.sync({ expunge: true }).exists, 2);
  await mail.setFlags(inbox, [[uid(1), uid(1)]], "add", { system: 1, keywords: ["Work"] });
  await mail.expunge(inbox, [[uid(2), uid(2)]], false);
  assert.deepEqual(second.sync({ expunge: false }).flaggedRows, [0]);
  assert.deepEqual(first.sync({ expunge: true }).expungedSeqs, [2]);
  assert.deepEqual(first.flagsOfRow(0), { system: flagBits.seen, keywords: ["Work"] });
  assert.deepEqual(first.keywords(), ["Work"]);
});

test("a watcher hears of a commit at once, without time passing", async () => {
  await using fixture = await createMailFixture();
  const view = await fixture.mail.openView(fixture.inbox);
  let heard = 0;
  using _watching = view.watch(() => heard++);
  await fixture.service
    .open(fixture.account, "other")
    .append(fixture.inbox, [{ parts: [shortMessage("x")], flags: noFlags }]);
  assert.equal(heard, 1);
  assert.equal(view.sync({ expunge: true }).exists, 1);
});

test("a mailbox that is deleted under a view loses its messages and says that it is gone", async () => {
  await using fixture = await createMailFixture();
  const { mail } = fixture;
  const row = await mail.createMailbox("Work");
  await mail.append(row.id, [{ parts: [shortMessage("x")], flags: noFlags }]);
  const view = await mail.openView(row.id);
  await mail.deleteMailbox("Work");
  assert.deepEqual(view.sync({ expunge: true }).expungedSeqs, [1]);
  assert.equal(view.isGone, true);
  view.close();
  await assert.rejects(mail.openView(row.id), reason("noSuchMailbox"));
});

test("mailboxes: parents are made, trees are renamed, children outlive their parent", async () => {
  await using fixture = await createMailFixture();
  const { mail } = fixture;
  const names = async () => (await mail.mailboxes()).map((row) => row.name).sort();
  await mail.createMailbox("a/b/c");
  await mail.subscribe("a/b", true);
  assert.deepEqual(await names(), ["INBOX", "a", "a/b", "a/b/c"]);
  await mail.renameMailbox("a/b", "x/y");
  assert.deepEqual(await names(), ["INBOX", "a", "x", "x/y", "x/y/c"]);
  assert.deepEqual([...(await mail.subscriptions())].sort(), ["INBOX", "a/b", "x/y"]);
  await mail.deleteMailbox("x");
  assert.deepEqual(await names(), ["INBOX", "a", "x/y", "x/y/c"]);
  await assert.rejects(mail.deleteMailbox("x"), reason("mailboxHasChildren"));
  await mail.renameMailbox("x", "z");
  assert.deepEqual(await names(), ["INBOX", "a", "z/y", "z/y/c"].toSorted());
  await assert.rejects(mail.deleteMailbox("nothing"), reason("noSuchMailbox"));
  await assert.rejects(mail.deleteMailbox("Inbox"), reason("notPermitted"));
  await assert.rejects(mail.createMailbox("a"), reason("mailboxExists"));
  await assert.rejects(mail.renameMailbox("z/y", "a"), reason("mailboxExists"));
  await assert.rejects(mail.renameMailbox("z/y", "z/y/d"), reason("mailboxNameInvalid"));
});

test("renaming INBOX moves its messages and leaves it empty (RFC 9051 §6.3.6)", async () => {
  await using fixture = await createMailFixture();
  const { mail } = fixture;
  await appendOne(fixture, "one");
  await mail.renameMailbox("inbox", "Old/2025");
  assert.equal((await mail.getMailbox("INBOX")).totalCount, 0);
  assert.equal((await mail.getMailbox("Old/2025")).totalCount, 1);
});

test("who is over the quota is refused, and who comes near is told once", async () => {
  await using fixture = await createMailFixture({ quotaBytes: 2000 });
  const { mail, inbox } = fixture;
  const put = (length: number) =>
    mail.append(inbox, [{ parts: [shortMessage("x", "y".repeat(length))], flags: noFlags }]);
  await put(600);
  await put(1050);
  assert.equal((await mail.getMailbox("INBOX")).totalCount, 3, "two messages and a notice");
  await assert.rejects(put(1000), reason("overQuota"));
  const view = await mail.openView(inbox);
  const [notice] = await mail.messages([messageId(view.columns.messageIds[2] ?? 0)], ["envelope"]);
  assert.match(notice?.envelope ?? "", /percent full/);
  await mail.expunge(inbox, [[uid(1), uid(9)]], false);
  await put(10);
  assert.equal((await mail.getMailbox("INBOX")).totalCount, 1, "no notice below the line");
  await put(1600);
  assert.equal((await mail.getMailbox("INBOX")).totalCount, 3, "a new crossing, a new notice");
});

test("a mailbox that nobody looks at is let go after its time", async () => {
  await using fixture = await createMailFixture({ limits: { warmMs: 1000 } });
  const { mail, inbox, clock } = fixture;
  (await mail.openView(inbox)).close();
  assert.equal(clock.timerCount, 1);
  const again = await mail.openView(inbox);
  assert.equal(clock.timerCount, 0);
  again.close();
  again.close();
  await clock.advance(1001);
  assert.equal(clock.timerCount, 0);
});

test("keywords are checked, and their number in a mailbox is bounded", async () => {
  await using fixture = await createMailFixture({ limits: { keywordsMax: 2 } });
  const { mail, inbox } = fixture;
  await appendOne(fixture, "one", { system: 0, keywords: ["b", "a", "A"] });
  const view = await mail.openView(inbox);
  assert.deepEqual(view.flagsOfRow(0).keywords, ["a", "b"].toSorted());
  const set = (keyword: string) =>
    mail.setFlags(inbox, [[uid(1), uid(1)]], "add", { system: 0, keywords: [keyword] });
  await assert.rejects(set("c"), reason("limit"));
  await assert.rejects(set("two words"), reason("syntax"));
  await set("B");
});

test("one at a time has the maildrop of an account", async () => {
  await using fixture = await createMailFixture();
  const { service, account } = fixture;
  const lock = service.lockMaildrop(account);
  assert.ok(lock !== undefined);
  assert.equal(service.lockMaildrop(account), undefined);
  assert.ok(service.lockMaildrop(account, "phone") !== undefined, "another name is another drop");
  assert.equal(service.lockMaildrop(account, "phone"), undefined);
  lock[Symbol.dispose]();
  const next = service.lockMaildrop(account);
  lock[Symbol.dispose]();
  assert.ok(next !== undefined);
  assert.equal(service.lockMaildrop(account), undefined, "giving back twice frees no one else's");
});

test("a mailbox that was deleted while nobody looked is not held on to", async () => {
  await using fixture = await createMailFixture();
  const { mail, clock } = fixture;
  const { id } = await mail.createMailbox("Work");
  (await mail.openView(id)).close();
  await mail.deleteMailbox("Work");
  await assert.rejects(mail.openView(id), reason("noSuchMailbox"));
  assert.equal(clock.timerCount, 0);
});
