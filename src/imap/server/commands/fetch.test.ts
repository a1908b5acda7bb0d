import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBudget } from "../../../protocol/byte-budget.ts";
import { fromLatin1 } from "../../../base/bytes.ts";
import {
  createImapFixture,
  logIn,
  type ImapFixture,
  type ImapFixtureOptions,
} from "../../imap-fixture.ts";

const noFlags = { system: 0, keywords: [] };

/** Multipart with text, a base64 file with NUL, and an embedded message. */
const mixed = [
  "From: Ana <ana@example.org>",
  "To: Boro <boro@example.net>",
  "Subject: Pictures",
  "Date: Thu, 1 Jan 2026 10:00:00 +0000",
  "Message-ID: <1@example.org>",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "Caf=C3=A9",
  "--b",
  "Content-Type: application/octet-stream",
  "Content-Transfer-Encoding: base64",
  "",
  "AAEC",
  "--b",
  "Content-Type: message/rfc822",
  "",
  "Subject: Inside",
  "",
  "Deep.",
  "--b--",
  "",
].join("\r\n");

async function withMessage(text: string, options: ImapFixtureOptions = {}): Promise<ImapFixture> {
  const imap = await createImapFixture(options);
  const { mail, inbox } = imap.world;
  const internalDateMs = Date.UTC(2026, 1, 3, 4, 5, 6);
  await mail.append(inbox, [{ parts: [fromLatin1(text)], flags: noFlags, internalDateMs }]);
  return imap;
}

/** What the server says to one command in the selected INBOX, as one text. */
async function ask(imap: ImapFixture, command: string): Promise<string> {
  const client = await imap.connect();
  await logIn(client);
  client.say("s SELECT INBOX");
  await client.until("s");
  client.say(`t ${command}`);
  return (await client.until("t")).join("\n");
}

test("FETCH FULL answers from what was computed at delivery", async () => {
  await using imap = await withMessage(mixed);
  const said = await ask(imap, "FETCH 1 FULL");
  assert.match(said, /^\* 1 FETCH \(FLAGS \(\) INTERNALDATE "03-Feb-2026 04:05:06 \+0000" /);
  assert.match(said, new RegExp(`RFC822.SIZE ${mixed.length} ENVELOPE \\("Thu, 1 Jan 2026`));
  assert.match(said, / BODY \(\("text" "plain" .*"mixed"\)\)\nt OK /i);
});

for (const [section, expected] of [
  ["BODY.PEEK[1]", "BODY[1] {9}\nCaf=C3=A9"],
  ["BODY.PEEK[1]<1.3>", "BODY[1]<1> {3}\naf="],
  ["BODY.PEEK[1]<100.3>", "BODY[1]<100> {0}\n"],
  ["BODY.PEEK[1.MIME]<0.12>", "BODY[1.MIME]<0> {12}\nContent-Type"],
  ["BODY.PEEK[3.HEADER]", "BODY[3.HEADER] {19}\nSubject: Inside\n\n"],
  ["BODY.PEEK[3.TEXT]", "BODY[3.TEXT] {5}\nDeep."],
  ["BODY.PEEK[3.1]", "BODY[3.1] {5}\nDeep."],
  ["BODY.PEEK[4]", "BODY[4] NIL"],
  ["BODY.PEEK[1.HEADER]", "BODY[1.HEADER] NIL"],
  [
    "BODY.PEEK[HEADER.FIELDS (subject NONE)]",
    "BODY[HEADER.FIELDS (subject NONE)] {21}\nSubject: Pictures\n\n",
  ],
  ["BINARY.PEEK[1]", "BINARY[1] {5}\nCaf\u00e9"],
  ["BINARY.SIZE[1]", "BINARY.SIZE[1] 5"],
  ["BINARY.PEEK[2]<1.1>", "BINARY[2]<1> {1}\n\u0001"],
  ["BINARY.SIZE[7]", "BINARY.SIZE[7] 0"],
] as const) {
  test(`FETCH ${section} gives just that (RFC 9051 §6.4.5.1, RFC 3516)`, async () => {
    await using imap = await withMessage(mixed);
    const said = await ask(imap, `FETCH 1 ${section}`);
    assert.equal(said.slice(0, said.lastIndexOf("\nt ")), `* 1 FETCH (${expected})`);
  });
}

test("BINARY of data with NUL is a literal8 (RFC 3516 §4.2)", async () => {
  await using imap = await withMessage(mixed);
  assert.match(await ask(imap, "FETCH 1 BINARY.PEEK[2]"), /^\* 1 FETCH \(BINARY\[2\] ~\{3\}\n\0/);
});

test("an unknown transfer encoding is UNKNOWN-CTE, not garbage (RFC 3516 §4.3)", async () => {
  await using imap = await withMessage("Content-Transfer-Encoding: rot13\r\n\r\nfbzr grkg\r\n");
  assert.match(await ask(imap, "FETCH 1 BINARY.PEEK[1]"), /^t NO \[UNKNOWN-CTE\] /);
});

test("reading a body sets \\Seen in one change and says so; PEEK does not", async () => {
  await using imap = await withMessage(mixed);
  const { mail } = imap.world;
  const before = (await mail.state()).modSeq;
  assert.doesNotMatch(await ask(imap, "FETCH 1 BODY.PEEK[TEXT]"), /Seen/);
  assert.equal((await mail.state()).modSeq, before);
  assert.match(await ask(imap, "FETCH 1 BODY[]"), /^\* 1 FETCH \(FLAGS \(\\Seen\) BODY\[\] \{/);
  assert.equal((await mail.state()).modSeq, before + 1);
});

test("a large body is streamed and arrives whole", async () => {
  const text = `Subject: Large\r\n\r\n${"0123456789abcde\n".repeat(20_000)}`;
  await using imap = await withMessage(text);
  const said = await ask(imap, "FETCH 1 (UID RFC822 RFC822.SIZE)");
  assert.ok(said.startsWith(`* 1 FETCH (UID 1 RFC822.SIZE ${text.length} FLAGS (\\Seen) RFC822 {`));
  assert.ok(said.includes(text.replaceAll("\r", "")));
});

test("ids, save date and preview (RFC 8474 §5, 8514 §4.3, 8970 §3.1)", async () => {
  await using imap = await withMessage('Subject: x\r\n\r\nHello "you".\r\n');
  assert.match(
    await ask(imap, "UID FETCH 1 (EMAILID THREADID SAVEDATE PREVIEW (LAZY))"),
    /^\* 1 FETCH \(UID 1 EMAILID \(M\d+\) THREADID \(T\d+\) SAVEDATE "01-Jan-2026 00:00:00 \+0000" PREVIEW "Hello \\"you\\"\."\)\n/,
  );
});

for (const [command, answer] of [
  ["FETCH 2 FLAGS", /^t BAD /],
  ["UID FETCH 2 FLAGS", /^t OK /],
  ["UID FETCH 2:* FLAGS", /^\* 1 FETCH \(UID 1 FLAGS \(\)\)\nt OK /],
  ["FETCH * FLAGS", /^\* 1 FETCH \(FLAGS \(\)\)\nt OK /],
  ["FETCH 1 (FLAGS FLAGS)", /^\* 1 FETCH \(FLAGS \(\)\)\nt OK /],
  ["FETCH 1 WRONG", /^t BAD /],
  ["FETCH 1 (FLAGS", /^t BAD /],
  ["FETCH 0 FLAGS", /^t BAD /],
  ["FETCH 1 BODY[MIME]", /^t BAD /],
  ["FETCH 1 FLAGS (CHANGEDSINCE 1)", /^\* OK .*\n\* 1 FETCH \(FLAGS \(\) MODSEQ \(\d+\)\)\nt OK /],
  ["UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", /^t BAD /],
] as const) {
  test(`${command} on one message is answered by ${answer.source}`, async () => {
    await using imap = await withMessage("Subject: x\r\n\r\n");
    assert.match(await ask(imap, command), answer);
  });
}

test("a client that goes away in the middle of an answer leaves nothing behind", async () => {
  const text = `Subject: Large\r\n\r\n${"0123456789abcde\n".repeat(60_000)}`;
  await using imap = await withMessage(text);
  const client = await imap.connect();
  await logIn(client);
  client.say("s SELECT INBOX");
  await client.until("s");
  client.say("a FETCH 1 BODY.PEEK[]");
  await client.line();
  client.connection.destroy();
  await imap.world.clock.advance(1000);
  assert.equal(imap.server.sessionCount, 0);
});

test("a client that reads slowly gets all of it, and costs no more than the window", async () => {
  const text = `Subject: Large\r\n\r\n${"0123456789abcde\n".repeat(60_000)}`;
  await using imap = await withMessage(text);
  const client = await imap.connect();
  await logIn(client);
  client.say("s SELECT INBOX");
  await client.until("s");
  client.say("a FETCH 1 BODY.PEEK[]");
  const said = (await client.until("a")).join("\n");
  assert.ok(said.includes("0123456789abcde\n)\na OK Fetched."));
});

test("parts that would have to be held whole are refused above a limit, whole ones streamed", async () => {
  const encoded = "QUJD".repeat(1000);
  const text = `Content-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n`;
  const limits = { heldBytesPerMessageMax: 1000 };
  await using imap = await withMessage(text, { server: { limits } });
  assert.match(await ask(imap, "FETCH 1 BINARY.PEEK[1]"), /^t NO \[LIMIT\] /);
  assert.match(
    await ask(imap, "FETCH 1 BODY.PEEK[1]<0.8>"),
    /^\* 1 FETCH \(BODY\[1\]<0> \{8\}\nQUJD/,
  );
});

test("what was held is given back, however the answer ended", async () => {
  const text = `Content-Transfer-Encoding: base64\r\n\r\n${"QUJD".repeat(100)}\r\n`;
  await using imap = await withMessage(text, {
    server: { budget: new ByteBudget(700) },
  });
  for (let round = 0; round < 5; round++) {
    assert.match(
      await ask(imap, "FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[2])"),
      /BINARY\.SIZE\[1\] 300 /,
    );
    assert.match(
      await ask(imap, "FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1])"),
      /^t NO \[UNAVAILABLE\] /,
    );
  }
});
