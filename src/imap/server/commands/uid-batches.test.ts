import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { uid } from "../../../base/ids.ts";
import { createImapFixture, logIn } from "../../imap-fixture.ts";

test("UIDBATCHES parts the mailbox, the newest first (RFC 10022 §3.1)", async () => {
  await using imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  const one = { parts: [fromUtf8("x\r\n")], flags: { system: 0, keywords: [] } };
  await mail.append(
    inbox,
    Array.from({ length: 600 }, () => one),
  );
  await mail.append(
    inbox,
    Array.from({ length: 601 }, () => one),
  );
  await mail.expunge(inbox, [[uid(1), uid(100)]], false);
  const client = await imap.connect();
  await logIn(client);
  client.say("e UIDBATCHES 500");
  assert.match((await client.until("e")).at(-1) ?? "", /^e BAD \[CLIENTBUG\]/);
  client.say("s SELECT INBOX");
  await client.until("s");
  for (const [asked, ...said] of [
    ["500", '* UIDBATCHES (TAG "a") 1201:702,701:202,201:1', "a OK Told."],
    ["500 2:3", '* UIDBATCHES (TAG "a") 701:202,201:1', "a OK Told."],
    ["500 4:9", '* UIDBATCHES (TAG "a")', "a OK Told."],
    ["5000", '* UIDBATCHES (TAG "a") 1201:1', "a OK Told."],
    ["499", "a NO [TOOFEW] A batch has at least 500 messages."],
    ["2000 1:100", "a NO [TOOMANY] Ask for at most 100000 messages."],
    ["500 4:1", "a BAD [CLIENTBUG] The first batch comes first (RFC 10022 3.1.5)."],
    ["0", "a BAD The number must not be 0."],
  ]) {
    client.say(`a UIDBATCHES ${asked}`);
    assert.deepEqual(await client.until("a"), said);
  }
  await mail.createMailbox("Empty");
  client.say("s SELECT Empty");
  await client.until("s");
  client.say("b UIDBATCHES 2000");
  assert.deepEqual(await client.until("b"), ['* UIDBATCHES (TAG "b")', "b OK Told."]);
});
