import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { uid } from "../../../base/ids.ts";
import { createImapFixture, logIn, type ImapFixture } from "../../imap-fixture.ts";

const message = (subject: string) => ({
  parts: [fromUtf8(`Subject: ${subject}\r\n\r\nHello.\r\n`)],
  flags: { system: 0, keywords: [] },
});
const seen = { system: 1, keywords: [] };
const noFlags = { system: 0, keywords: [] };

async function asker(imap: ImapFixture) {
  const client = await imap.connect();
  await logIn(client);
  const ask = async (command: string) => {
    client.say(`t ${command}`);
    return client.until("t");
  };
  /** Lines that come without asking; whatever else came fails the test later. */
  const hear = async (count: number) => {
    const lines: string[] = [];
    for (let at = 0; at < count; at++) lines.push((await client.line()) ?? "<end>");
    return lines;
  };
  return { client, ask, hear };
}

const other = (imap: ImapFixture) => imap.world.service.open(imap.world.account, "other");

test("news of the selected mailbox come between commands, with what was asked of them (RFC 5465 §5.2)", async () => {
  await using imap = await createImapFixture();
  const mail = other(imap);
  const { inbox } = imap.world;
  await mail.append(inbox, [message("one"), message("two")]);
  const { ask, hear } = await asker(imap);
  await ask("SELECT INBOX");
  assert.deepEqual(
    await ask(
      "NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))",
    ),
    ["t OK You will hear of it."],
  );
  await mail.append(inbox, [message("three")]);
  assert.deepEqual(await hear(5), [
    "* 3 EXISTS",
    "* 3 FETCH (UID 3 BODY[HEADER.FIELDS (SUBJECT)] {18}",
    "Subject: three",
    "",
    ")",
  ]);
  await mail.setFlags(inbox, [[uid(2), uid(2)]], "add", seen);
  assert.deepEqual(await hear(1), ["* 2 FETCH (FLAGS (\\Seen))"]);
  await mail.expunge(inbox, [[uid(1), uid(1)]], false);
  assert.deepEqual(await hear(1), ["* 1 EXPUNGE"]);
  const said = await ask("APPEND INBOX {2+}\r\nhi");
  assert.deepEqual(said.slice(0, -1), ["* 3 EXISTS"], "no FETCH of what the client made itself");
  assert.deepEqual(await ask("NOOP"), ["t OK Nothing done."]);
});

test("SELECTED-DELAYED keeps expunges for a command, and IDLE is one (RFC 5465 §6.1.2, §4)", async () => {
  await using imap = await createImapFixture();
  const mail = other(imap);
  const { inbox } = imap.world;
  await mail.append(inbox, [message("one"), message("two"), message("three")]);
  const { client, ask, hear } = await asker(imap);
  await ask("SELECT INBOX");
  await ask("NOTIFY SET (selected-delayed (MessageNew MessageExpunge))");
  await mail.expunge(inbox, [[uid(1), uid(1)]], false);
  await mail.append(inbox, [message("four")]);
  assert.deepEqual(await hear(1), ["* 4 EXISTS"]);
  assert.deepEqual(await ask("NOOP"), ["* 1 EXPUNGE", "t OK Nothing done."]);
  await mail.setFlags(inbox, [[uid(2), uid(2)]], "add", seen);
  assert.deepEqual(await ask("NOOP"), ["t OK Nothing done."], "flags were not asked for");
  client.say("i IDLE");
  assert.deepEqual(await hear(1), ["+ Idling."]);
  await mail.expunge(inbox, [[uid(2), uid(2)]], false);
  assert.deepEqual(await hear(1), ["* 1 EXPUNGE"]);
  client.say("DONE");
  await client.until("i");
});

test("NOTIFY NONE keeps quiet until something else is asked for (RFC 5465 §3.1)", async () => {
  await using imap = await createImapFixture();
  const mail = other(imap);
  const { inbox } = imap.world;
  await mail.append(inbox, [message("one"), message("two")]);
  const { ask } = await asker(imap);
  await ask("SELECT INBOX");
  assert.deepEqual(await ask("NOTIFY NONE"), ["t OK You will hear of nothing."]);
  await mail.append(inbox, [message("three")]);
  await mail.expunge(inbox, [[uid(1), uid(1)]], false);
  assert.deepEqual(await ask("NOOP"), ["t OK Nothing done."]);
  assert.deepEqual(await ask("FETCH 2 UID"), ["* 2 FETCH (UID 2)", "t OK Fetched."]);
  assert.deepEqual(await ask("NOTIFY SET (SELECTED (MessageNew MessageExpunge))"), [
    "* 1 EXPUNGE",
    "* 2 EXISTS",
    "t OK You will hear of it.",
  ]);
  await ask("NOTIFY NONE");
  await ask("STORE 1 +FLAGS.SILENT (\\Deleted)");
  assert.deepEqual(await ask("EXPUNGE"), ["* 1 EXPUNGE", "t OK Expunged."], "its own act is told");
});

test("other mailboxes are told by STATUS, names by LIST, notes by METADATA (RFC 5465 §5)", async () => {
  await using imap = await createImapFixture();
  const mail = other(imap);
  const { inbox } = imap.world;
  const work = await mail.createMailbox("Work");
  const { ask, hear } = await asker(imap);
  assert.deepEqual(
    (await ask("NOTIFY SET STATUS (personal (MessageNew MessageExpunge FlagChange))")).map((line) =>
      line.replace(/UIDVALIDITY \d+/, "UIDVALIDITY v"),
    ),
    [
      "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY v UNSEEN 0 HIGHESTMODSEQ 1)",
      "* STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY v UNSEEN 0 HIGHESTMODSEQ 1)",
      "t OK You will hear of it.",
    ],
  );
  await ask(
    "NOTIFY SET (mailboxes (Work INBOX) (MessageNew MessageExpunge)) " +
      "(subtree (Work Job) (MailboxName SubscriptionChange MailboxMetadataChange)) " +
      "(personal (ServerMetadataChange))",
  );
  await mail.append(work.id, [message("one"), message("two")]);
  assert.deepEqual(await hear(1), ["* STATUS Work (MESSAGES 2 UIDNEXT 3)"]);
  await mail.setFlags(work.id, [[uid(1), uid(1)]], "add", seen);
  await mail.move(work.id, [[uid(1), uid(1)]], inbox);
  assert.deepEqual(await hear(2), [
    "* STATUS Work (MESSAGES 1 UIDNEXT 3)",
    "* STATUS INBOX (MESSAGES 1 UIDNEXT 2)",
  ]);
  await mail.createMailbox("Work/New");
  assert.deepEqual(await hear(2), [
    '* LIST (\\HasNoChildren) "/" Work/New',
    '* LIST (\\HasChildren) "/" Work',
  ]);
  await mail.renameMailbox("Work", "Job");
  assert.deepEqual(await hear(1), ['* LIST (\\HasChildren) "/" Job ("OLDNAME" (Work))']);
  await mail.deleteMailbox("Job/New");
  assert.deepEqual(await hear(2), [
    '* LIST (\\NonExistent \\HasNoChildren) "/" Job/New',
    '* LIST (\\HasNoChildren) "/" Job',
  ]);
  await mail.subscribe("Job", true);
  assert.deepEqual(await hear(1), ['* LIST (\\HasNoChildren \\Subscribed) "/" Job']);
  await mail.annotate("Job", [{ name: "/private/comment", value: "x" }]);
  assert.deepEqual(await hear(1), ["* METADATA Job /private/comment"]);
  await mail.annotate("", [{ name: "/private/vendor/a/b", value: "x" }]);
  assert.deepEqual(await hear(1), ['* METADATA "" /private/vendor/a/b']);
  assert.deepEqual(await ask("CREATE Job/Own"), ["t OK [MAILBOXID (F4)] Created."], "its own act");
  await mail.append(inbox, [{ ...message("three"), flags: noFlags }]);
  assert.deepEqual(await hear(1), ["* STATUS INBOX (MESSAGES 2 UIDNEXT 3)"]);
});

test("what a search keeps may come with data of each new message (RFC 5465 §7)", async () => {
  await using imap = await createImapFixture();
  const mail = other(imap);
  const { inbox } = imap.world;
  const { ask, hear } = await asker(imap);
  await ask("SELECT INBOX");
  await ask("NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge))");
  await ask("UID SEARCH RETURN (COUNT UPDATE (RFC822.SIZE UID)) SUBJECT boss");
  await mail.append(inbox, [message("boss"), message("else")]);
  assert.deepEqual(await hear(4), [
    "* 2 EXISTS",
    '* ESEARCH (TAG "t") UID ADDTO (0 1)',
    "* 1 FETCH (UID 1 RFC822.SIZE 25)",
    "* 2 FETCH (UID 2)",
  ]);
});

for (const [command, answer] of [
  ["NOTIFY SET (SELECTED (MessageNew))", /^t BAD /],
  ["NOTIFY SET (personal (FlagChange))", /^t BAD /],
  ["NOTIFY SET (SELECTED (MailboxName))", /^t BAD /],
  ["NOTIFY SET (SELECTED NONE) (SELECTED-DELAYED NONE)", /^t BAD /],
  ["NOTIFY SET (personal (MessageNew (UID) MessageExpunge))", /^t BAD /],
  ["NOTIFY SET (subtree-one INBOX NONE)", /^t BAD /],
  ["NOTIFY SET", /^t BAD /],
  [
    "NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))",
    /^t NO \[BADEVENT \(MessageNew /,
  ],
] as const) {
  test(`${command} is refused (RFC 5465 §8)`, async () => {
    await using imap = await createImapFixture();
    const { ask } = await asker(imap);
    assert.match((await ask(command)).join(), answer);
  });
}

test("a session that ends, or logs in anew, watches nothing any more", async () => {
  await using imap = await createImapFixture();
  const mail = other(imap);
  const { client, ask } = await asker(imap);
  await ask("NOTIFY SET (personal (MessageNew MessageExpunge))");
  await ask("UNAUTHENTICATE");
  await mail.append(imap.world.inbox, [message("one")]);
  assert.deepEqual(await ask("NOOP"), ["t OK Nothing done."]);
  await ask("LOGIN ana secret");
  await mail.append(imap.world.inbox, [message("two")]);
  assert.deepEqual(await ask("NOOP"), ["t OK Nothing done."]);
  client.connection.destroy();
});
