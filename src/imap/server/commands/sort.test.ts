import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { createImapFixture, type ImapFixture } from "../../imap-fixture.ts";

const noFlags = { system: 0, keywords: [] };

async function conversation(): Promise<ImapFixture> {
  const imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  const message = (subject: string, day: number, more = "") => ({
    parts: [
      fromUtf8(
        `From: ${day} <u${9 - day}@example.org>\r\nSubject: ${subject}\r\n` +
          `Date: 0${day} Jan 2026 10:00:00 +0000\r\n${more}\r\nHello.\r\n`,
      ),
    ],
    flags: noFlags,
    internalDateMs: day * 1000,
  });
  await mail.append(inbox, [
    message("Ručak", 3, "Message-ID: <c@x>\r\n"),
    message("Kava", 1, "Message-ID: <a@x>\r\n"),
    message("Re: Kava", 2, "Message-ID: <b@x>\r\nReferences: <a@x>\r\n"),
    message("Odgovor", 4, "Message-ID: <d@x>\r\nReferences: <a@x>\r\n"),
  ]);
  await mail.append(inbox, [message("gone", 5)]);
  await mail.expunge(inbox, (await mail.openView(inbox)).uidRanges([4]), false);
  return imap;
}

async function play(script: string): Promise<void> {
  await using imap = await conversation();
  const selectInbox = `
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...] ...
    S: * 4 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 6] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (F1)] ...
    S: s OK ...`;
  await imap.play(`${selectInbox}${script}`);
}

test("SORT answers in order, by number and by UID (RFC 5256 §3)", () =>
  play(`
    C: a SORT (DATE) UTF-8 ALL
    S: * SORT 2 3 1 4
    S: a OK Sorted.
    C: b UID SORT (REVERSE ARRIVAL) US-ASCII NOT SUBJECT kava
    S: * SORT 4 1
    S: b OK Sorted.
    C: c SORT (SUBJECT REVERSE DATE) UTF-8 ALL
    S: * SORT 3 2 4 1
    S: c OK Sorted.
    C: d SORT (FROM) UTF-8 SEEN
    S: * SORT
    S: d OK Sorted.
    C: e SORT (DISPLAYFROM) UTF-8 ALL
    S: * SORT 2 3 1 4
    S: e OK Sorted.
    C: f SORT (DATE) KOI8-R ALL
    S: f NO [BADCHARSET (US-ASCII UTF-8)] ...
    C: g SORT (COLOUR) UTF-8 ALL
    S: g BAD ...
    C: h SORT () UTF-8 ALL
    S: h BAD ...
  `));

test("SORT with RETURN answers as ESEARCH, in its own order (RFC 5267 §3.1)", () =>
  play(`
    C: a SORT RETURN (MIN MAX COUNT ALL) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "a") MIN 2 MAX 4 ALL 2:3,1,4 COUNT 4
    S: a OK Sorted.
    C: b UID SORT RETURN () (REVERSE DATE) UTF-8 ALL
    S: * ESEARCH (TAG "b") UID ALL 4,1,3,2
    S: b OK Sorted.
    C: c SORT RETURN (SAVE PARTIAL 1:2) (DATE) UTF-8 ALL
    S: * ESEARCH (TAG "c") PARTIAL (1:2 2:3)
    S: c OK Sorted.
    C: d SEARCH $
    S: * SEARCH 2 3
    S: d OK Searched.
  `));

test("a page of a result is told from either end (RFC 9394 §3.1)", () =>
  play(`
    C: a SEARCH RETURN (PARTIAL 2:3 COUNT) ALL
    S: * ESEARCH (TAG "a") PARTIAL (2:3 2:3) COUNT 4
    S: a OK Searched.
    C: b UID SEARCH RETURN (PARTIAL -2:-1 MAX) ALL
    S: * ESEARCH (TAG "b") UID MAX 4 PARTIAL (-2:-1 3:4)
    S: b OK Searched.
    C: c SEARCH RETURN (PARTIAL 5:9) ALL
    S: * ESEARCH (TAG "c") PARTIAL (5:9 NIL)
    S: c OK Searched.
    C: d SEARCH RETURN (SAVE PARTIAL 4:3 MIN) ALL
    S: * ESEARCH (TAG "d") MIN 1 PARTIAL (4:3 3:4)
    S: d OK Searched.
    C: e SEARCH $
    S: * SEARCH 1 3 4
    S: e OK Searched.
    C: f SEARCH RETURN (PARTIAL 1:2 ALL) ALL
    S: f BAD ...
    C: g SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL
    S: g BAD ...
    C: h SEARCH RETURN (PARTIAL -1:4) ALL
    S: h BAD ...
  `));

test("FETCH of a page of the set, whose newest come last (RFC 9394 §3.3)", () =>
  play(`
    C: a UID FETCH 1:* (UID) (PARTIAL -1:-2)
    S: * 3 FETCH (UID 3)
    S: * 4 FETCH (UID 4)
    S: a OK Fetched.
    C: b UID FETCH 1:* (UID) (PARTIAL 1:2 CHANGEDSINCE 2)
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * 2 FETCH (UID 2 MODSEQ (3))
    S: b OK Fetched.
    C: c UID FETCH 1:* UID (PARTIAL 9:10)
    S: c OK Fetched.
    C: d FETCH 1:* UID (PARTIAL 1:2)
    S: d BAD ...
    C: e UID FETCH 1:* UID (PARTIAL 0:2)
    S: e BAD ...
  `));

test("THREAD in its three ways (RFC 5256 §4)", () =>
  play(`
    C: a THREAD REFERENCES UTF-8 ALL
    S: * THREAD (2 (3)(4))(1)
    S: a OK Threaded.
    C: b UID THREAD ORDEREDSUBJECT UTF-8 NOT SUBJECT odgovor
    S: * THREAD (2 3)(1)
    S: b OK Threaded.
    C: c THREAD REFS UTF-8 ALL
    S: * THREAD (1)(2 (3)(4))
    S: c OK Threaded.
    C: d THREAD REFS UTF-8 SEEN
    S: * THREAD
    S: d OK Threaded.
    C: e THREAD REFERENCES KOI8-R ALL
    S: e NO [BADCHARSET (US-ASCII UTF-8)] ...
    C: f THREAD SIDEWAYS UTF-8 ALL
    S: f BAD ...
  `));

test("MODSEQ in a SORT adds the highest, and expunges wait as in a SEARCH (RFC 7162 §3.1.5)", async () => {
  await using imap = await conversation();
  const { mail, inbox } = imap.world;
  const client = await imap.connect();
  await client.line();
  client.say("l LOGIN ana secret\r\ns SELECT INBOX");
  await client.until("s");
  await mail.expunge(inbox, (await mail.openView(inbox)).uidRanges([1]), false);
  client.say("a SORT (DATE) UTF-8 MODSEQ 1");
  const said = await client.until("a");
  assert.match(said.at(-2) ?? "", /^\* SORT 2 3 1 4 \(MODSEQ \d+\)$/);
  client.say("b UID SORT (DATE) UTF-8 ALL");
  assert.deepEqual(await client.until("b"), ["* SORT 2 3 1 4", "* 2 EXPUNGE", "b OK Sorted."]);
});
