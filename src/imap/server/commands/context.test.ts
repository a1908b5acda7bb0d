import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { Refusal } from "../../../base/faults.ts";
import { uid } from "../../../base/ids.ts";
import { createImapFixture, logIn, type ImapFixture } from "../../imap-fixture.ts";

const message = (subject: string, system = 0) => ({
  parts: [fromUtf8(`Subject: ${subject}\r\n\r\nHello.\r\n`)],
  flags: { system, keywords: [] },
});
const seen = { system: 1, keywords: [] };

async function withMail(subjects: readonly string[]): Promise<ImapFixture> {
  const imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  await mail.append(
    inbox,
    subjects.map((subject) => message(subject)),
  );
  return imap;
}

async function asker(imap: ImapFixture) {
  const client = await imap.connect();
  await logIn(client);
  client.say("s SELECT INBOX");
  await client.until("s");
  let count = 0;
  const ask = async (command: string, tag = `t${count++}`) => {
    client.say(`${tag} ${command}`);
    return client.until(tag);
  };
  return { client, ask };
}

test("a search with UPDATE tells what comes into its result and what leaves it (RFC 5267 §4.3)", async () => {
  await using imap = await withMail(["a", "b", "c"]);
  const { mail, inbox } = imap.world;
  const { client, ask } = await asker(imap);
  assert.deepEqual(await ask("UID SEARCH RETURN (UPDATE COUNT) UNSEEN", "u"), [
    '* ESEARCH (TAG "u") UID COUNT 3',
    "u OK Searched.",
  ]);
  assert.deepEqual(await ask("SEARCH RETURN (UPDATE ALL) UNSEEN 1:2", "n"), [
    '* ESEARCH (TAG "n") ALL 1:2',
    "n OK Searched.",
  ]);
  assert.deepEqual(await ask("STORE 2 +FLAGS (\\Seen)", "a"), [
    "* 2 FETCH (FLAGS (\\Seen))",
    '* ESEARCH (TAG "u") UID REMOVEFROM (0 2)',
    '* ESEARCH (TAG "n") REMOVEFROM (0 2)',
    "a OK Flags are set.",
  ]);
  await mail.append(inbox, [message("d"), message("e", 1), message("f")]);
  assert.deepEqual(await ask("NOOP", "b"), [
    "* 6 EXISTS",
    '* ESEARCH (TAG "u") UID ADDTO (0 4,6)',
    "b OK Nothing done.",
  ]);
  await mail.expunge(inbox, [[uid(1), uid(1)]], false);
  await mail.expunge(inbox, [[uid(4), uid(4)]], false);
  assert.deepEqual(await ask("NOOP", "c"), [
    '* ESEARCH (TAG "u") UID REMOVEFROM (0 1,4)',
    '* ESEARCH (TAG "n") REMOVEFROM (0 1)',
    "* 4 EXPUNGE",
    "* 1 EXPUNGE",
    "c OK Nothing done.",
  ]);
  client.say("i IDLE");
  assert.equal(await client.line(), "+ Idling.");
  await mail.setFlags(inbox, [[uid(2), uid(2)]], "remove", seen);
  assert.equal(await client.line(), "* 1 FETCH (FLAGS ())");
  assert.equal(await client.line(), '* ESEARCH (TAG "u") UID ADDTO (0 2)');
  assert.equal(await client.line(), '* ESEARCH (TAG "n") ADDTO (0 1)');
  client.say("DONE");
  await client.until("i");
});

test("a sorted result stays in its order, by places (RFC 5267 §4.3.3)", async () => {
  await using imap = await withMail(["m", "c", "x"]);
  const { mail, inbox } = imap.world;
  const { ask } = await asker(imap);
  assert.deepEqual(await ask("UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNSEEN", "u"), [
    '* ESEARCH (TAG "u") UID ALL 2,1,3',
    "u OK Sorted.",
  ]);
  await mail.append(inbox, [message("a"), message("b"), message("n"), message("z")]);
  assert.deepEqual((await ask("NOOP")).slice(0, -1), [
    "* 7 EXISTS",
    '* ESEARCH (TAG "u") UID ADDTO (1 4:5 5 6 7 7)',
  ]);
  await mail.setFlags(inbox, [[uid(1), uid(1)]], "add", seen);
  await mail.expunge(inbox, [[uid(4), uid(4)]], false);
  assert.deepEqual((await ask("NOOP")).slice(0, -1), [
    '* ESEARCH (TAG "u") UID REMOVEFROM (1 4)',
    "* 4 EXPUNGE",
    "* 1 FETCH (FLAGS (\\Seen))",
    '* ESEARCH (TAG "u") UID REMOVEFROM (3 1)',
  ]);
});

test("updates end with CANCELUPDATE and with the mailbox; tags are not used twice (RFC 5267 §4.3.5)", async () => {
  await using imap = await withMail(["a", "b"]);
  const { mail, inbox } = imap.world;
  const { ask } = await asker(imap);
  await ask("UID SEARCH RETURN (UPDATE CONTEXT) SEEN", "u");
  await ask("UID SEARCH RETURN (UPDATE) SEEN", "v");
  assert.match((await ask("UID SORT RETURN (UPDATE) (DATE) UTF-8 ALL", "u")).join(), /^u BAD /);
  assert.deepEqual(await ask('CANCELUPDATE "u"', "c"), ["c OK No more updates."]);
  assert.match((await ask('CANCELUPDATE "u"', "c")).join(), /^c NO /);
  assert.match((await ask("CANCELUPDATE u", "c")).join(), /^c BAD /);
  await mail.setFlags(inbox, [[uid(1), uid(1)]], "add", seen);
  assert.deepEqual((await ask("NOOP")).slice(0, -1), [
    "* 1 FETCH (FLAGS (\\Seen))",
    '* ESEARCH (TAG "v") UID ADDTO (0 1)',
  ]);
  await ask("SELECT INBOX");
  await mail.setFlags(inbox, [[uid(2), uid(2)]], "add", seen);
  assert.deepEqual((await ask("NOOP")).slice(0, -1), ["* 2 FETCH (FLAGS (\\Seen))"]);
});

test("a store that cannot answer delays news, and does not fail a command that was done", async () => {
  await using imap = await withMail(["boss"]);
  const { mail, inbox, store } = imap.world;
  const { ask } = await asker(imap);
  await ask("UID SEARCH RETURN (UPDATE) SUBJECT boss", "u");
  const { messages } = store.mail;
  Object.assign(store.mail, {
    messages: () => Promise.reject(new Refusal("unavailable", "Not now.")),
  });
  await mail.append(inbox, [message("boss")]);
  assert.deepEqual(await ask("STORE 1 +FLAGS (\\Seen)"), [
    "* 1 FETCH (FLAGS (\\Seen))",
    "* 2 EXISTS",
    "t0 OK Flags are set.",
  ]);
  Object.assign(store.mail, { messages });
  assert.deepEqual(await ask("NOOP"), [
    '* ESEARCH (TAG "u") UID ADDTO (0 2)',
    "t1 OK Nothing done.",
  ]);
});

test("more searches than can be kept up to date are still answered (RFC 5267 §4.3.1)", async () => {
  await using imap = await withMail(["a"]);
  const { ask } = await asker(imap);
  for (let at = 0; at < 16; at++) await ask("UID SEARCH RETURN (UPDATE COUNT) ALL");
  assert.deepEqual(await ask("UID SEARCH RETURN (UPDATE COUNT) ALL", "z"), [
    '* ESEARCH (TAG "z") UID COUNT 1',
    '* NO [NOUPDATE "z"] Too much to keep up to date.',
    "z OK Searched.",
  ]);
});

test("ESEARCH looks into many mailboxes, and leaves the selected one selected (RFC 7377 §2)", async () => {
  await using imap = await withMail(["one", "two"]);
  const { mail } = imap.world;
  for (const [name, subject] of [
    ["Work", "two"],
    ["Work/Old", "two"],
    ["Work/Old/Older", "two"],
    ["Žuto", "other"],
  ] as const) {
    const { id } = await mail.createMailbox(name);
    await mail.append(id, [message(subject), message("two")]);
  }
  await mail.subscribe("Work/Old", true);
  const { ask } = await asker(imap);
  const found = async (command: string) => {
    const said = await ask(command, "e");
    assert.equal(said.at(-1), "e OK Searched.", command);
    return said.slice(0, -1).map((line) => line.replace(/UIDVALIDITY \d+/, "UIDVALIDITY v"));
  };
  const line = (name: string, result: string) =>
    `* ESEARCH (TAG "e" MAILBOX ${name} UIDVALIDITY v) UID ${result}`;
  assert.deepEqual(await found("ESEARCH SUBJECT two"), [line("INBOX", "ALL 2")]);
  assert.deepEqual(await found("ESEARCH IN (personal) RETURN (COUNT MIN) SUBJECT two"), [
    line("INBOX", "MIN 2 COUNT 1"),
    line("Work", "MIN 1 COUNT 2"),
    line("Work/Old", "MIN 1 COUNT 2"),
    line("Work/Old/Older", "MIN 1 COUNT 2"),
    line("&AX0-uto", "MIN 2 COUNT 1"),
  ]);
  assert.deepEqual(await found("ESEARCH IN (subtree Work) 2:9"), [
    line("Work", "ALL 2"),
    line("Work/Old", "ALL 2"),
    line("Work/Old/Older", "ALL 2"),
  ]);
  assert.deepEqual(await found('ESEARCH IN (subtree-one (Work "Nowhere") selected) SUBJECT one'), [
    line("INBOX", "ALL 1"),
  ]);
  assert.deepEqual(
    await found("ESEARCH IN (subscribed mailboxes INBOX) RETURN (PARTIAL 1:1) ALL"),
    [line("INBOX", "PARTIAL (1:1 1)"), line("Work/Old", "PARTIAL (1:1 1)")],
  );
  await found("ESEARCH RETURN (SAVE) SUBJECT two");
  assert.deepEqual(await found("ESEARCH $"), [line("INBOX", "ALL 2")]);
  for (const bad of [
    "ESEARCH IN (personal) RETURN (SAVE) ALL",
    "ESEARCH IN (selected-delayed) ALL",
    "ESEARCH IN (personal) $",
    "ESEARCH IN () ALL",
    "ESEARCH IN (somewhere) ALL",
  ]) {
    assert.match((await ask(bad, "x")).at(-1) ?? "", /^x BAD /, bad);
  }
  await ask("UNSELECT");
  assert.match((await ask("ESEARCH ALL", "x")).at(-1) ?? "", /^x BAD /);
  assert.equal((await found("ESEARCH IN (inboxes) ALL")).length, 5);
});

test("FUZZY finds words in any order and other endings, the best first (RFC 6203 §3)", async () => {
  await using imap = await withMail([
    "Plaćeni računi za struju",
    "struja i račun",
    "račun za struju",
    "nešto drugo",
  ]);
  const { ask } = await asker(imap);
  assert.equal((await ask('SEARCH SUBJECT "račun za struju"'))[0], "* SEARCH 3");
  assert.equal((await ask('SEARCH FUZZY SUBJECT "račun za struju"'))[0], "* SEARCH 1 3");
  assert.deepEqual(await ask('SEARCH RETURN (ALL RELEVANCY) FUZZY SUBJECT "struju račun"', "a"), [
    '* ESEARCH (TAG "a") ALL 1:3 RELEVANCY (60 20 60)',
    "a OK Searched.",
  ]);
  assert.equal(
    (await ask('SORT (RELEVANCY ARRIVAL) UTF-8 FUZZY (SUBJECT "račun za struju")'))[0],
    "* SORT 3 1",
  );
  assert.deepEqual(
    await ask(
      'SORT RETURN (PARTIAL 1:2 RELEVANCY) (RELEVANCY) UTF-8 FUZZY SUBJECT "struju račun"',
      "b",
    ),
    ['* ESEARCH (TAG "b") PARTIAL (1:2 1,3) RELEVANCY (60 60)', "b OK Sorted."],
  );
  assert.match((await ask("SEARCH RETURN (RELEVANCY) SUBJECT x", "c")).join(), /^c BAD /);
  assert.match((await ask("SORT (RELEVANCY) UTF-8 ALL", "d")).join(), /^d BAD /);
});

test("a search that takes its time says how far it has come (RFC 9585 §4)", async () => {
  await using imap = await createImapFixture({ server: { limits: { progressMs: 0 } } });
  const { mail, inbox } = imap.world;
  await mail.append(inbox, [message("a"), message("b")]);
  const { ask } = await asker(imap);
  assert.deepEqual(await ask("SEARCH BODY nothing", "a"), [
    '* OK [INPROGRESS ("a" 0 2)] Working on it.',
    "* SEARCH",
    "a OK Searched.",
  ]);
});
