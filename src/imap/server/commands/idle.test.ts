import assert from "node:assert/strict";
import { test } from "node:test";
import { createImapFixture, logIn } from "../../imap-fixture.ts";
import { shortMessage } from "../../../mailbox/mail-fixture.ts";

const noFlags = { system: 0, keywords: [] };

test("IDLE tells each change as it is committed, without time passing (RFC 2177 §3)", async () => {
  await using imap = await createImapFixture();
  const { mail, inbox, clock } = imap.world;
  const client = await imap.connect();
  await logIn(client);
  client.say("s SELECT INBOX");
  await client.until("s");
  client.say("i IDLE");
  assert.equal(await client.line(), "+ Idling.");
  const started = clock.now();
  const [added] = await mail.append(inbox, [{ parts: [shortMessage("x")], flags: noFlags }]);
  assert.equal(await client.line(), "* 1 EXISTS");
  assert.ok(added !== undefined);
  const uids = [[added.uid, added.uid]] as const;
  await mail.setFlags(inbox, uids, "add", { system: 1, keywords: [] });
  assert.equal(await client.line(), "* 1 FETCH (FLAGS (\\Seen))");
  await mail.expunge(inbox, uids, false);
  assert.equal(await client.line(), "* 1 EXPUNGE");
  assert.equal(clock.now(), started);
  client.say("done");
  assert.deepEqual(await client.until("i"), ["i OK No longer idle."]);
});

test("IDLE ends by DONE only, with BYE at shutdown, and after its time", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a IDLE
    S: + Idling.
    C: b NOOP
    S: a BAD ...
    C: c NOOP
    S: c OK ...
  `);
  const slow = await imap.connect();
  await logIn(slow);
  slow.say("i IDLE");
  await slow.line();
  await imap.world.clock.advance(31 * 60_000 + 1);
  assert.equal(await slow.line(), "* BYE Nothing was said for too long.");
  const last = await imap.connect();
  await logIn(last);
  last.say("i IDLE");
  await last.line();
  await imap.world.clock.run(imap.server.close(1000));
  assert.equal(
    await last.line(),
    "* BYE [UNAVAILABLE] The server is shutting down; try again later.",
  );
});
