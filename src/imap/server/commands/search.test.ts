import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { createImapFixture, logIn, type ImapFixture } from "../../imap-fixture.ts";

const noFlags = { system: 0, keywords: [] };

async function threeMessages(): Promise<ImapFixture> {
  const imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  await mail.append(inbox, [
    {
      parts: [
        fromUtf8(
          "From: Đorđe <dj@example.rs>\r\nTo: ana@example.org\r\nSubject: Kafa\r\n" +
            "Date: Wed, 31 Dec 2025 23:30:00 -0500\r\nX-Tag: blue\r\n" +
            "Message-ID: <first@example.rs>\r\n\r\nSutra u osam.\r\n",
        ),
      ],
      flags: { system: 1, keywords: ["$Work"] },
      internalDateMs: Date.UTC(2025, 11, 31, 12),
    },
    {
      parts: [
        fromUtf8("From: b@example.net\r\nSubject: Second\r\n\r\nA longer text about coffee.\r\n"),
      ],
      flags: noFlags,
      internalDateMs: Date.UTC(2026, 0, 1, 0),
    },
    {
      parts: [fromUtf8("Subject: =?utf-8?q?Caf=C3=A9?=\r\nCc: boss@example.org\r\n\r\nx\r\n")],
      flags: { system: 4, keywords: [] },
      internalDateMs: Date.UTC(2025, 5, 1),
    },
  ]);
  return imap;
}

/** What the server says to the commands, one after the other, in the selected INBOX. */
async function ask(imap: ImapFixture, ...commands: readonly string[]): Promise<string[]> {
  const client = await imap.connect();
  await logIn(client);
  client.say("s SELECT INBOX");
  await client.until("s");
  const said: string[] = [];
  for (const command of commands) {
    client.say(`t ${command}`);
    said.push(...(await client.until("t")));
  }
  client.connection.destroy();
  return said;
}

for (const [keys, found] of [
  ["ALL", "1 2 3"],
  ["SEEN", "1"],
  ["UNSEEN", "2 3"],
  ["FLAGGED UNSEEN", "3"],
  ["KEYWORD $work", "1"],
  ["UNKEYWORD $Work", "2 3"],
  ["NEW", ""],
  ["OLD", "1 2 3"],
  ["2:*", "2 3"],
  ["*", "3"],
  ["UID 1,3", "1 3"],
  ["NOT UID 1,3", "2"],
  ["OR SEEN FLAGGED", "1 3"],
  ["NOT (OR SEEN FLAGGED)", "2"],
  ["OR (SEEN KEYWORD $Work) NOT ALL", "1"],
  ["SUBJECT kafa", "1"],
  ['SUBJECT "caf\u00e9"', "3"],
  ["SUBJECT {5+}\r\ncaf\u00e9", "3"],
  ["FROM dorde", "1"],
  ['FROM "\u0110or\u0111e"', "1"],
  ["TO ana@", "1"],
  ["CC boss", "3"],
  ["BCC x", ""],
  ["BODY coffee", "2"],
  ["TEXT coffee", "2"],
  ["TEXT second", "2"],
  ["NOT TEXT e", ""],
  ["HEADER X-Tag blue", "1"],
  ["HEADER X-Tag red", ""],
  ['HEADER X-Tag ""', "1"],
  ['HEADER Cc ""', "3"],
  ["HEADER Message-ID <first@", "1"],
  ["HEADER Subject second", "2"],
  ["LARGER 150", "1"],
  ["SMALLER 65", "3"],
  ["SINCE 1-Jan-2026", "2"],
  ["BEFORE 1-Jan-2026", "1 3"],
  ['ON "31-Dec-2025"', "1"],
  ["SENTON 31-Dec-2025", "1"],
  ["SENTSINCE 1-Jan-2026", "2"],
  // RFC 8514 §4.2, 5032 §2 and 8474 §5.4.
  ["SAVEDON 1-Jan-2026", "1 2 3"],
  ["SAVEDBEFORE 1-Jan-2026", ""],
  ["SAVEDATESUPPORTED", "1 2 3"],
  ["YOUNGER 43200", "1 2"],
  ["OLDER 43200", "1 3"],
  ["EMAILID M1", "1"],
  ["THREADID T2", "2"],
  ["CHARSET UTF-8 SEEN", "1"],
] as const) {
  test(`SEARCH ${keys.replace("\r\n", " ")} finds ${found || "nothing"} (RFC 9051 §6.4.4, RFC 5032 §2)`, async () => {
    await using imap = await threeMessages();
    const said = await ask(imap, `SEARCH ${keys}`);
    assert.deepEqual(
      said.filter((line) => !line.startsWith("+")),
      [found === "" ? "* SEARCH" : `* SEARCH ${found}`, "t OK Searched."],
    );
  });
}

test("results as ESEARCH, by number and by UID (RFC 4731 §3.1)", async () => {
  await using imap = await threeMessages();
  assert.deepEqual(
    await ask(
      imap,
      "SEARCH RETURN () UNSEEN",
      "UID SEARCH RETURN (MIN MAX COUNT ALL) ALL",
      "SEARCH RETURN (COUNT MIN) KEYWORD nothing",
    ),
    [
      '* ESEARCH (TAG "t") ALL 2:3',
      "t OK Searched.",
      '* ESEARCH (TAG "t") UID MIN 1 MAX 3 ALL 1:3 COUNT 3',
      "t OK Searched.",
      '* ESEARCH (TAG "t") COUNT 0',
      "t OK Searched.",
    ],
  );
});

test("a saved result is used, shrinks with expunges, and is empty after a failure (RFC 5182 §2.1)", async () => {
  await using imap = await threeMessages();
  assert.deepEqual(
    await ask(
      imap,
      "SEARCH RETURN (SAVE) UNSEEN",
      "FETCH $ UID",
      "UID STORE 2 +FLAGS.SILENT (\\Deleted)",
      "EXPUNGE",
      "UID SEARCH $",
      "SEARCH RETURN (SAVE) CHARSET X ALL",
      "SEARCH RETURN (SAVE MIN) ALL",
      "UID SEARCH UID $",
    ),
    [
      "t OK Searched.",
      "* 2 FETCH (UID 2)",
      "* 3 FETCH (UID 3)",
      "t OK Fetched.",
      "t OK Flags are set.",
      "* 2 EXPUNGE",
      "t OK Expunged.",
      "* SEARCH 3",
      "t OK Searched.",
      "t NO [BADCHARSET (US-ASCII UTF-8)] Unknown charset.",
      '* ESEARCH (TAG "t") MIN 1',
      "t OK Searched.",
      "* SEARCH 1",
      "t OK Searched.",
    ],
  );
});

test("MODSEQ in a search turns CONDSTORE on and adds the highest (RFC 7162 §3.1.5)", async () => {
  await using imap = await threeMessages();
  const said = await ask(imap, "SEARCH MODSEQ 1", 'SEARCH MODSEQ "/flags/\\\\seen" all 1000');
  assert.match(said[0] ?? "", /^\* OK \[HIGHESTMODSEQ /);
  assert.match(said[1] ?? "", /^\* SEARCH 1 2 3 \(MODSEQ \d+\)$/);
  assert.equal(said[3], "* SEARCH");
});

test("IMAP4rev2 always answers with ESEARCH (RFC 9051 §6.4.4)", async () => {
  await using imap = await threeMessages();
  await imap.play(`
    C: a ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: a OK ...
    C: b SELECT INBOX
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...] ...
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 4] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (F1)] ...
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: b OK ...
    C: c SEARCH SEEN
    S: * ESEARCH (TAG "c") ALL 1
    S: c OK ...
    C: d SEARCH ${"NOT ".repeat(100)}SEEN
    S: d BAD ...
    C: e SEARCH ${"(".repeat(100)}SEEN
    S: e BAD ...
    C: f SEARCH ${"OR SEEN ".repeat(2000)}SEEN
    S: f BAD ...
    C: g SEARCH ${Array(1100).fill("SEEN").join(" ")}
    S: g NO [LIMIT] ...
  `);
});
