import { test } from "node:test";
import { createImapFixture } from "../../imap-fixture.ts";

test("CREATE makes levels above, DELETE keeps levels below, and LIST shows both (RFC 3348 §3)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a CREATE "Work/Old mail"
    S: a OK [MAILBOXID (F...)] Created.
    C: b CREATE Work
    S: b NO [ALREADYEXISTS] ...
    C: c LIST "" "*"
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasChildren) "/" Work
    S: * LIST (\\HasNoChildren) "/" "Work/Old mail"
    S: c OK Listed.
    C: d DELETE Work
    S: d OK Deleted.
    C: e LIST "" %
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\Noselect \\HasChildren) "/" Work
    S: e OK Listed.
    C: f SELECT Work
    S: f NO [NONEXISTENT] ...
    C: g DELETE Work
    S: g NO [HASCHILDREN] ...
    C: h DELETE inbox
    S: h NO [NOPERM] ...
    C: i DELETE Nothing
    S: i NO [NONEXISTENT] ...
  `);
});

test("CREATE gives a special use once (RFC 6154 §3)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a CREATE Gesendet (USE (\\Sent))
    S: a OK [MAILBOXID (F...)] Created.
    C: b CREATE Sent2 (USE (\\Sent))
    S: b NO [USEATTR] ...
    C: c CREATE Everything (USE (\\All))
    S: c NO [USEATTR] ...
    C: d LIST (SPECIAL-USE) "" "*"
    S: * LIST (\\HasNoChildren \\Sent) "/" Gesendet
    S: d OK Listed.
    C: e LIST "" "*" RETURN (SPECIAL-USE)
    S: * LIST (\\HasNoChildren \\Sent) "/" Gesendet
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: e OK Listed.
  `);
});

test("RENAME takes the levels below along, and moves the messages of INBOX", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a CREATE one/two
    S: a OK ...
    C: b RENAME one three
    S: b OK Renamed.
    C: c LIST "" "*"
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasChildren) "/" three
    S: * LIST (\\HasNoChildren) "/" three/two
    S: c OK Listed.
    C: d APPEND INBOX {2+}
    C: hi
    S: d OK [APPENDUID ...] ...
    C: e RENAME INBOX saved
    S: e OK Renamed.
    C: f STATUS saved (MESSAGES)
    S: * STATUS saved (MESSAGES 1)
    S: f OK ...
    C: g STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: g OK ...
  `);
});

test("names are modified UTF-7 until UTF-8 is enabled (RFC 3501 §5.1.3, RFC 9051 §5.1)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a CREATE "Smetnjak &ARcBMQ- &- tko"
    S: a OK ...
    C: b LIST "" "Smetnjak &ARcBMQ-*"
    S: * LIST (\\HasNoChildren) "/" "Smetnjak &ARcBMQ- &- tko"
    S: b OK ...
    C: c CREATE "&bad"
    S: c NO [CANNOT] ...
    C: d ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: d OK ...
    C: e LIST "" "Smetnjak \u0117*"
    S: * LIST (\\HasNoChildren) "/" "Smetnjak \u0117\u0131 & tko"
    S: e OK ...
  `);
});

test("SUBSCRIBE, UNSUBSCRIBE, LSUB and LIST (SUBSCRIBED) (RFC 5258 §3)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a SUBSCRIBE away/gone
    S: a OK ...
    C: b UNSUBSCRIBE INBOX
    S: b OK ...
    C: c LSUB "" *
    S: * LSUB (\\Noselect) "/" away/gone
    S: c OK ...
    C: d LSUB "" %
    S: * LSUB (\\Noselect) "/" away
    S: d OK ...
    C: e LIST (SUBSCRIBED) "" *
    S: * LIST (\\NonExistent \\Noselect \\HasNoChildren \\Subscribed) "/" away/gone
    S: e OK ...
    C: f CREATE away
    S: f OK ...
    C: g LIST (SUBSCRIBED RECURSIVEMATCH) "" %
    S: * LIST (\\HasNoChildren) "/" away ("CHILDINFO" ("SUBSCRIBED"))
    S: g OK ...
    C: h LIST (RECURSIVEMATCH) "" %
    S: h BAD ...
    C: i LIST (SUBSCRIBED) "" ("INBOX" "aw%") RETURN (CHILDREN SUBSCRIBED)
    S: i OK ...
  `);
});

// RFC 5819 §2, 7889 §4, 8438 §3, 9208 §4.2 and 2342 §5.
test("STATUS and LIST RETURN (STATUS) tell counts without selecting (RFC 8438 §3, RFC 9208 §4, RFC 2342 §5)", async () => {
  await using imap = await createImapFixture({ quotaBytes: 100 * 1024 });
  await imap.play(`
    C: a APPEND INBOX (\\Deleted) {2+}
    C: hi
    S: a OK [APPENDUID ...] ...
    C: b STATUS INBOX (MESSAGES RECENT UIDNEXT UNSEEN DELETED SIZE APPENDLIMIT DELETED-STORAGE)
    S: * STATUS INBOX (MESSAGES 1 RECENT 0 UIDNEXT 2 UNSEEN 1 DELETED 1 SIZE 2 APPENDLIMIT ... DELETED-STORAGE 2)
    S: b OK ...
    C: c LIST "" % RETURN (STATUS (MESSAGES UIDNEXT))
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 1 UIDNEXT 2)
    S: c OK ...
    C: d STATUS Nothing (MESSAGES)
    S: d NO [NONEXISTENT] ...
    C: e GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX ""
    S: * QUOTA "" (STORAGE 1 100 MAILBOX ... 10000)
    S: e OK ...
    C: f GETQUOTA ""
    S: * QUOTA "" (STORAGE 1 100 MAILBOX ... 10000)
    S: f OK ...
    C: g GETQUOTA other
    S: g NO [NONEXISTENT] ...
    C: h NAMESPACE
    S: * NAMESPACE (("" "/")) NIL NIL
    S: h OK ...
    C: i LIST "" ""
    S: * LIST (\\Noselect) "/" ""
    S: i OK ...
  `);
});

test("XLIST tells special uses by their old names (RFC 6154 §2)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a CREATE Spam (USE (\\Junk))
    S: a OK ...
    C: b CREATE Poslano (USE (\\Sent))
    S: b OK ...
    C: c XLIST "" "*"
    S: * XLIST (\\HasNoChildren \\Inbox) "/" INBOX
    S: * XLIST (\\HasNoChildren \\Sent) "/" Poslano
    S: * XLIST (\\HasNoChildren \\Spam) "/" Spam
    S: c OK Listed.
  `);
});
