import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { createImapFixture, logIn, type DialogueClient } from "../../imap-fixture.ts";
import { parseMessageUrl } from "../../grammar/message-url.ts";

const draft =
  "Subject: one\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
  "--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n--b\r\nX-A: b\r\n\r\nsecond\r\n--b--\r\n";

async function withDraft(quotaBytes = 0) {
  const imap = await createImapFixture({ quotaBytes });
  const { mail, inbox } = imap.world;
  const flags = { system: 17, keywords: [] };
  await mail.append(inbox, [{ parts: [fromUtf8("x\r\n")], flags }]);
  await mail.append(inbox, [{ parts: [fromUtf8(draft)], flags }]);
  return imap;
}

async function open(client: DialogueClient, name: string): Promise<void> {
  await logIn(client);
  client.say(`s ${name}`);
  await client.until("s");
}

test("REPLACE puts a message in another's place, and all sessions see it (RFC 8508 §3.2)", async () => {
  await using imap = await withDraft();
  const writer = await imap.connect();
  const watcher = await imap.connect();
  await open(writer, "SELECT INBOX");
  await open(watcher, "SELECT INBOX");
  watcher.say("i IDLE");
  await watcher.line();
  writer.say("a REPLACE 2 INBOX (\\Draft) {5+}\r\nhello");
  assert.deepEqual(
    (await writer.until("a")).map((line) => line.replace(/ID \d+ /, "ID v ")),
    [
      "* OK [APPENDUID v 3] The new message is kept.",
      "* 2 EXPUNGE",
      "* 2 EXISTS",
      "a OK Replaced.",
    ],
  );
  assert.deepEqual([await watcher.line(), await watcher.line()], ["* 2 EXPUNGE", "* 2 EXISTS"]);
  writer.say("b UID REPLACE 9 INBOX {2+}\r\nhi");
  assert.match((await writer.until("b")).at(-1) ?? "", /^b NO \[EXPUNGEISSUED\]/);
  writer.say("c REPLACE 7 INBOX {2+}\r\nhi");
  assert.match((await writer.until("c")).at(-1) ?? "", /^c BAD /);
  writer.say("d UID REPLACE 3 Nowhere {2+}\r\nhi");
  assert.match((await writer.until("d")).at(-1) ?? "", /^d NO \[TRYCREATE\]/);
  writer.say("e UID FETCH 1:* (FLAGS BODY.PEEK[])");
  assert.deepEqual((await writer.until("e")).slice(-3), [
    "* 2 FETCH (UID 3 FLAGS (\\Draft) BODY[] {5}",
    "hello)",
    "e OK Fetched.",
  ]);
});

test("only the difference counts against the quota (RFC 8508 §3.4)", async () => {
  await using imap = await withDraft(1000);
  const client = await imap.connect();
  await open(client, "SELECT INBOX");
  const large = "y".repeat(890);
  client.say(`a APPEND INBOX {890+}\r\n${large}`);
  assert.match((await client.until("a")).at(-1) ?? "", /^a NO \[OVERQUOTA\]/);
  client.say(`b REPLACE 2 INBOX {890+}\r\n${large}`);
  assert.match((await client.until("b")).at(-1) ?? "", /^b OK /);
  client.say(`c REPLACE 1 INBOX {990+}\r\n${"z".repeat(990)}`);
  assert.match((await client.until("c")).at(-1) ?? "", /^c NO \[OVERQUOTA\]/);
  client.say("d SEARCH ALL");
  assert.equal((await client.until("d")).at(0), "* SEARCH 1 2");
});

test("a read-only mailbox loses nothing to REPLACE", async () => {
  await using imap = await withDraft();
  const client = await imap.connect();
  await open(client, "EXAMINE INBOX");
  client.say("a REPLACE 1 INBOX {2+}\r\nhi");
  assert.match((await client.until("a")).at(-1) ?? "", /^a NO \[NOPERM\]/);
});

test("CATENATE makes a message of texts and of parts that are here (RFC 4469 §3)", async () => {
  await using imap = await withDraft();
  const client = await imap.connect();
  await open(client, "SELECT INBOX");
  const parts = [
    "TEXT {9+}\r\nSubject: ",
    "TEXT {7+}\r\ntwo\r\n\r\n",
    'URL "/INBOX;UIDVALIDITY=%/;UID=2/;SECTION=1"',
    "URL ;UID=2/;section=2.MIME",
    "URL /inbox/;UID=2/;SECTION=2/;PARTIAL=3.2",
    'URL "/%49NBOX/;UID=1"',
  ];
  client.say("v STATUS INBOX (UIDVALIDITY)");
  const validity = /UIDVALIDITY (\d+)/.exec((await client.until("v"))[0] ?? "")?.[1] ?? "";
  client.say(`a APPEND INBOX (\\Seen) CATENATE (${parts.join(" ").replace("%/", `${validity}/`)})`);
  assert.match((await client.until("a")).at(-1) ?? "", /^a OK \[APPENDUID \d+ 3\]/);
  client.say("b UID FETCH 3 BODY.PEEK[]");
  assert.equal(
    (await client.until("b")).join("\n"),
    [
      "* 3 FETCH (UID 3 BODY[] {36}",
      "Subject: two",
      "",
      "firstX-A: b",
      "",
      "onx",
      ")",
      "b OK Fetched.",
    ].join("\n"),
  );
});

for (const url of [
  "/INBOX;UIDVALIDITY=99/;UID=2",
  "/INBOX/;UID=7",
  "/INBOX/;UID=2/;SECTION=3",
  "/INBOX/;UID=2/;SECTION=oops",
  "/Nowhere/;UID=1",
  "imap://example.org/INBOX/;UID=1",
  "/INBOX",
  "/%ff/;UID=1",
]) {
  test(`CATENATE of ${url} fails whole, and says which URL it was (RFC 4469 §4.1)`, async () => {
    await using imap = await withDraft();
    await imap.play(`
      C: a APPEND INBOX CATENATE (TEXT {2+}
      C: hi URL "/INBOX/;UID=1" URL "${url}")
      S: a NO [BADURL "${url}"] ...
      C: b STATUS INBOX (MESSAGES)
      S: * STATUS INBOX (MESSAGES 2)
      S: b OK ...
    `);
  });
}

test("what CATENATE makes may not be larger than a message may be (RFC 4469 §4.2)", async () => {
  await using imap = await createImapFixture({ server: { limits: { appendBytesMax: 10 } } });
  await imap.play(`
    C: a APPEND INBOX CATENATE (TEXT {6+}
    C: 123456 TEXT {6+}
    C: 123456)
    S: a NO [TOOBIG] ...
    C: b APPEND INBOX CATENATE ()
    S: b BAD ...
  `);
});

test("a URL may name a mailbox in any script and any part of it", () => {
  assert.deepEqual(parseMessageUrl("/Kutija/%C5%A1to;UIDVALIDITY=7/;UID=3/;SECTION=HEADER"), {
    mailbox: "Kutija/što",
    uidValidity: 7,
    uid: 3,
    section: { part: [], text: { kind: "header" } },
    partial: undefined,
  });
});
