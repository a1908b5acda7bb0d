import assert from "node:assert/strict";
import { test } from "node:test";
import { createImapFixture } from "../../imap-fixture.ts";
import { shortMessage } from "../../../mailbox/mail-fixture.ts";
import { uid } from "../../../base/ids.ts";

const noFlags = { system: 0, keywords: [] };

test("QRESYNC brings a client up to date in one round trip (RFC 7162 §3.2.5)", async () => {
  await using imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  const items = [1, 2, 3, 4].map((n) => ({ parts: [shortMessage(`${n}`)], flags: noFlags }));
  await mail.append(inbox, items);
  const { uidValidity } = await mail.getMailbox("INBOX");
  const { modSeq } = await mail.state();
  await mail.expunge(inbox, [[uid(2), uid(2)]], false);
  await mail.setFlags(inbox, [[uid(3), uid(3)]], "add", { system: 1, keywords: [] });
  const overview = `
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...] ...
    S: * 3 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 5] ...
    S: * OK [HIGHESTMODSEQ ${modSeq + 2}] ...
    S: * OK [MAILBOXID (F1)] ...
  `;
  await imap.play(`
    C: a SELECT INBOX (QRESYNC (${uidValidity} ${modSeq}))
    S: a BAD ...
    C: b ENABLE QRESYNC
    S: * ENABLED QRESYNC
    S: b OK ...
    C: c SELECT INBOX (QRESYNC (${uidValidity} ${modSeq} 1:4 (1:4 1:4)))
    ${overview}
    S: * VANISHED (EARLIER) 2
    S: * 2 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (${modSeq + 2}))
    S: c OK [READ-WRITE] Opened.
    C: d SELECT INBOX (QRESYNC (${uidValidity} ${modSeq} 4))
    S: * OK [CLOSED] ...
    ${overview}
    S: d OK ...
    C: e SELECT INBOX (QRESYNC (${uidValidity + 1} ${modSeq}))
    S: * OK [CLOSED] ...
    ${overview}
    S: e OK ...
    C: f UID FETCH 1:4 FLAGS (CHANGEDSINCE ${modSeq} VANISHED)
    S: * VANISHED (EARLIER) 2
    S: * 2 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (${modSeq + 2}))
    S: f OK ...
    C: g UID STORE 4 +FLAGS.SILENT (\\Deleted)
    S: * 3 FETCH (UID 4 MODSEQ (${modSeq + 3}))
    S: g OK ...
    C: h UID EXPUNGE 4
    S: * VANISHED 4
    S: h OK [HIGHESTMODSEQ ${modSeq + 4}] Expunged.
    C: i STATUS INBOX (HIGHESTMODSEQ)
    S: * STATUS INBOX (HIGHESTMODSEQ ${modSeq + 4})
    S: i OK ...
  `);
  assert.ok(modSeq > 0);
});
