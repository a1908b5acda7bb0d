import { test } from "node:test";
import { createImapFixture } from "../../imap-fixture.ts";
import { shortMessage } from "../../../mailbox/mail-fixture.ts";

const noFlags = { system: 0, keywords: [] };

test("SELECT tells what RFC 3501 and RFC 7162 ask for", async () => {
  await using imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  await mail.append(inbox, [{ parts: [shortMessage("one")], flags: noFlags }]);
  await imap.play(`
    C: a SELECT inbox
    S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
    S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ...
    S: * 1 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 2] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (F1)] ...
    S: a OK [READ-WRITE] Opened.
    C: b FETCH 1 (FLAGS UID)
    S: * 1 FETCH (FLAGS () UID 1)
    S: b OK ...
  `);
});
