import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { uid } from "../../../base/ids.ts";
import { createImapFixture, logIn } from "../../imap-fixture.ts";

test("with UIDONLY no sequence number is told or taken (RFC 9586 §3)", async () => {
  await using imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  const flags = { system: 0, keywords: [] };
  const one = { parts: [fromUtf8("Subject: x\r\n\r\ny\r\n")], flags };
  await mail.append(inbox, [one, one, one]);
  await mail.expunge(inbox, [[uid(1), uid(1)]], false);
  const client = await imap.connect();
  await logIn(client);
  client.say("e ENABLE UIDONLY");
  assert.deepEqual(await client.until("e"), ["* ENABLED UIDONLY", "e OK Enabled."]);
  client.say("s SELECT INBOX");
  assert.doesNotMatch((await client.until("s")).join("\n"), /UNSEEN/);
  for (const command of [
    "FETCH 1 UID",
    "STORE 1 FLAGS ()",
    "SEARCH ALL",
    "UID SEARCH 1:2",
    "UID SEARCH NOT *",
    "SORT (DATE) UTF-8 ALL",
    "UID SORT (DATE) UTF-8 1",
    "THREAD REFS UTF-8 ALL",
    "COPY 1 INBOX",
    "MOVE 1 INBOX",
    "REPLACE 1 INBOX {1+}\r\nx",
    "SELECT INBOX (QRESYNC (1 1 1:2 (1 2)))",
  ]) {
    client.say(`a ${command}`);
    assert.match((await client.until("a")).at(-1) ?? "", /^a BAD \[UIDREQUIRED\]/, command);
  }
  const ask = async (command: string) => {
    client.say(`b ${command}`);
    return (await client.until("b")).slice(0, -1);
  };
  assert.deepEqual(await ask("UID FETCH 1:* FLAGS"), [
    "* 2 UIDFETCH (FLAGS ())",
    "* 3 UIDFETCH (FLAGS ())",
  ]);
  assert.deepEqual(await ask("UID FETCH 3 (UID ENVELOPE)"), [
    '* 3 UIDFETCH (UID 3 ENVELOPE (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL))',
  ]);
  assert.deepEqual(await ask("UID FETCH 3 BODY[TEXT]"), [
    "* 3 UIDFETCH (FLAGS (\\Seen) BODY[TEXT] {3}",
    "y",
    ")",
  ]);
  assert.deepEqual(await ask("UID STORE 2 +FLAGS (\\Deleted)"), [
    "* 2 UIDFETCH (FLAGS (\\Deleted))",
  ]);
  assert.deepEqual(await ask("UID SEARCH RETURN (SAVE ALL) UID 2"), [
    '* ESEARCH (TAG "b") UID ALL 2',
  ]);
  assert.deepEqual(await ask("UID SEARCH $"), ["* SEARCH 2"]);
  assert.deepEqual(await ask("EXPUNGE"), ["* VANISHED 2"]);
  await mail.append(inbox, [one]);
  await mail.setFlags(inbox, [[uid(3), uid(3)]], "add", { system: 2, keywords: [] });
  assert.deepEqual(await ask("NOOP"), ["* 2 EXISTS", "* 3 UIDFETCH (FLAGS (\\Answered \\Seen))"]);
});
