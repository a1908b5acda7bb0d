import { test } from "node:test";
import { createImapFixture, type ImapFixture } from "../../imap-fixture.ts";
import { shortMessage } from "../../../mailbox/mail-fixture.ts";

async function withMessages(count: number): Promise<ImapFixture> {
  const imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  const items = Array.from({ length: count }, (_, at) => ({
    parts: [shortMessage(`message ${at + 1}`)],
    flags: { system: 0, keywords: [] },
  }));
  await mail.append(inbox, items);
  return imap;
}

const select = `
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...] ...
    S: * ... EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT ...] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (F1)] ...
    S: s OK [READ-WRITE] Opened.
`;
const selectSecond = select.replace(/^ {4}([CS]):/gm, "    2$1:");

test("STORE answers with flags, and another session hears of it at its next command", async () => {
  await using imap = await withMessages(3);
  await imap.play(`
    ${select}
    ${selectSecond}
    C: a STORE 1:2 +FLAGS (\\Seen $Forwarded)
    S: * 1 FETCH (FLAGS (\\Seen $Forwarded))
    S: * 2 FETCH (FLAGS (\\Seen $Forwarded))
    S: a OK Flags are set.
    2C: a NOOP
    2S: * 1 FETCH (FLAGS (\\Seen $Forwarded))
    2S: * 2 FETCH (FLAGS (\\Seen $Forwarded))
    2S: a OK ...
    C: b STORE 1 -FLAGS.SILENT \\Seen
    S: b OK Flags are set.
    C: c UID STORE 2 FLAGS \\Deleted
    S: * 2 FETCH (UID 2 FLAGS (\\Deleted))
    S: c OK Flags are set.
    2C: b FETCH 3 FLAGS
    2S: * 3 FETCH (FLAGS ())
    2S: * 1 FETCH (FLAGS ($Forwarded))
    2S: * 2 FETCH (FLAGS (\\Deleted))
    2S: b OK ...
    C: d STORE 4 +FLAGS \\Seen
    S: d BAD ...
    C: e UID STORE 44 +FLAGS \\Seen
    S: e OK ...
    C: f STORE 1 +FLAGS \\Recent
    S: f BAD ...
  `);
});

test("expunges are not told while sequence numbers are in use (RFC 9051 §7.5.1)", async () => {
  await using imap = await withMessages(3);
  await imap.play(`
    ${select}
    ${selectSecond}
    C: a STORE 1 +FLAGS.SILENT \\Deleted
    S: a OK ...
    C: b EXPUNGE
    S: * 1 EXPUNGE
    S: b OK Expunged.
    2C: a FETCH 2 UID
    2S: * 2 FETCH (UID 2)
    2S: * 1 FETCH (FLAGS (\\Deleted))
    2S: a OK ...
    2C: b STORE 3 +FLAGS.SILENT \\Flagged
    2S: b OK ...
    2C: c UID FETCH 3 FLAGS
    2S: * 3 FETCH (UID 3 FLAGS (\\Flagged))
    2S: * 1 EXPUNGE
    2S: c OK ...
  `);
});

test("STORE with UNCHANGEDSINCE leaves alone what others changed (RFC 7162 §3.1.3)", async () => {
  await using imap = await withMessages(2);
  await imap.play(`
    ${select}
    C: a STORE 1 (UNCHANGEDSINCE 1) +FLAGS.SILENT \\Seen
    S: * OK [HIGHESTMODSEQ ...] ...
    S: a OK [MODIFIED 1] ...
    C: b STORE 1 (UNCHANGEDSINCE 100) +FLAGS.SILENT \\Seen
    S: * 1 FETCH (UID 1 MODSEQ (...))
    S: b OK Flags are set.
    C: c FETCH 1:2 (FLAGS MODSEQ)
    S: * 1 FETCH (FLAGS (\\Seen) MODSEQ (...))
    S: * 2 FETCH (FLAGS () MODSEQ (...))
    S: c OK ...
  `);
});

test("STORE tells no flags of a message that another session has expunged", async () => {
  await using imap = await withMessages(2);
  await imap.play(`
    ${select}
    ${selectSecond}
    2C: a STORE 1 +FLAGS.SILENT (\\Deleted)
    2S: a OK Flags are set.
    2C: b UID EXPUNGE 1
    2S: * 1 EXPUNGE
    2S: b OK Expunged.
    C: a STORE 1:2 +FLAGS (\\Seen)
    S: * 2 FETCH (FLAGS (\\Seen))
    S: * 1 FETCH (FLAGS (\\Deleted))
    S: a OK Flags are set.
    C: b STORE 1 +FLAGS (\\Seen)
    S: b NO [EXPUNGEISSUED] ...
    C: c UID STORE 1 +FLAGS (\\Seen)
    S: * 1 EXPUNGE
    S: c OK Flags are set.
  `);
});

test("a mailbox opened by EXAMINE cannot be changed", async () => {
  await using imap = await withMessages(1);
  await imap.play(`
    ${select.replace("SELECT", "EXAMINE").replace("READ-WRITE] Opened.", "READ-ONLY] ...")}
    C: a STORE 1 +FLAGS \\Seen
    S: a NO [NOPERM] ...
    C: b EXPUNGE
    S: b NO [NOPERM] ...
    C: c MOVE 1 INBOX
    S: c NO [NOPERM] ...
    C: d FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {8}
    S: Hello.
    S: )
    S: d OK ...
    C: e FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS ())
    S: e OK ...
    C: f CLOSE
    S: f OK Closed.
    C: g FETCH 1 FLAGS
    S: g BAD [CLIENTBUG] ...
  `);
});

// RFC 4315 §2.1, 3691 §2.
test("UID EXPUNGE takes only those named, CLOSE says nothing, UNSELECT takes none (RFC 3691 §2)", async () => {
  await using imap = await withMessages(3);
  await imap.play(`
    ${select}
    C: a STORE 1:3 +FLAGS.SILENT \\Deleted
    S: a OK ...
    C: b UID EXPUNGE 2
    S: * 2 EXPUNGE
    S: b OK Expunged.
    C: c UNSELECT
    S: c OK ...
    C: d STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 2)
    S: d OK ...
    ${select}
    C: e CHECK
    S: e OK ...
    C: f CLOSE
    S: f OK Closed.
    C: g STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: g OK ...
  `);
});

test("COPY and MOVE tell UIDs of the copies (RFC 4315 §3, RFC 6851 §4.3)", async () => {
  await using imap = await withMessages(3);
  await imap.play(`
    C: m CREATE Archive
    S: m OK ...
    ${select}
    C: a COPY 1:2 Archive
    S: a OK [COPYUID ... 1:2 1:2] Copied.
    C: b MOVE 2 Archive
    S: * OK [COPYUID ... 2 3] Moved.
    S: * 2 EXPUNGE
    S: b OK Moved.
    C: c COPY 1 Nowhere
    S: c NO [TRYCREATE] ...
    C: d UID COPY 99 Archive
    S: d OK ...
    C: e UID MOVE 3 Archive
    S: * OK [COPYUID ... 3 4] Moved.
    S: * 2 EXPUNGE
    S: e OK Moved.
  `);
});
