import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { ByteBudget } from "../../../protocol/byte-budget.ts";
import { DeflateConnection } from "../compression/deflate-connection.ts";
import { createImapFixture, DialogueClient, logIn, type ImapFixture } from "../../imap-fixture.ts";

/** Turns compression on; the same layer serves the client's end. */
async function compressed(imap: ImapFixture, client: DialogueClient): Promise<DialogueClient> {
  client.say("z COMPRESS DEFLATE");
  assert.deepEqual(await client.until("z"), ["z OK Compressed from now on."]);
  return new DialogueClient(new DeflateConnection(client.connection), imap.world);
}

test("after COMPRESS both directions are deflated, IDLE's news among them (RFC 4978 §3)", async () => {
  await using imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  const flags = { system: 0, keywords: [] };
  const body = `Subject: long\r\n\r\n${"All work and no play. ".repeat(10_000)}`;
  await mail.append(inbox, [{ parts: [fromUtf8(body)], flags }]);
  const plain = await imap.connect();
  await logIn(plain);
  const client = await compressed(imap, plain);
  client.say("s SELECT INBOX");
  await client.until("s");
  client.say("f FETCH 1 BODY.PEEK[]");
  assert.equal((await client.until("f")).slice(1, -1).join("\r\n").slice(0, -1), body);
  client.say("a APPEND INBOX {100000}");
  assert.equal(await client.line(), "+ Go on.");
  client.send(`${"x".repeat(100_000)}\r\n`);
  assert.match((await client.until("a")).at(-1) ?? "", /^a OK /);
  client.say("i IDLE");
  assert.equal(await client.line(), "+ Idling.");
  await mail.append(inbox, [{ parts: [fromUtf8("hi")], flags }]);
  assert.equal(await client.line(), "* 3 EXISTS");
  client.say("DONE");
  await client.until("i");
  client.say("b COMPRESS DEFLATE");
  assert.match((await client.until("b")).at(-1) ?? "", /^b BAD \[COMPRESSIONACTIVE\]/);
  client.say("c LOGOUT");
  await client.until("c");
  assert.equal(await client.line(), undefined);
});

test("COMPRESS needs a login, a known algorithm, and that nothing follows it", async () => {
  await using imap = await createImapFixture();
  const client = await imap.connect();
  await client.line();
  client.say("a COMPRESS DEFLATE");
  assert.match((await client.until("a")).at(-1) ?? "", /^a BAD /);
  client.say("l LOGIN ana secret");
  await client.until("l");
  client.say("b COMPRESS LZMA");
  assert.match((await client.until("b")).at(-1) ?? "", /^b BAD /);
  client.say("c COMPRESS DEFLATE\r\nd NOOP");
  assert.match((await client.until("c")).at(-1) ?? "", /^c BAD \[CLIENTBUG\]/);
  assert.deepEqual(await client.until("d"), ["d OK Nothing done."]);
});

test("what compression holds is counted, and given back with the session", async () => {
  const budget = new ByteBudget(100 * 1024);
  await using imap = await createImapFixture({ server: { budget } });
  const first = await imap.connect();
  await logIn(first);
  const client = await compressed(imap, first);
  const second = await imap.connect();
  await logIn(second);
  second.say("b COMPRESS DEFLATE");
  assert.match((await second.until("b")).at(-1) ?? "", /^b NO \[UNAVAILABLE\]/);
  client.say("c LOGOUT");
  await client.until("c");
  client.connection.destroy();
  await imap.world.clock.settle();
  assert.equal(budget.usedBytes, 0);
});

test("what is no DEFLATE ends the connection", async () => {
  await using imap = await createImapFixture();
  const plain = await imap.connect();
  await logIn(plain);
  await compressed(imap, plain);
  plain.send("\x07\x07 NOOP\r\n");
  await assert.rejects(async () => {
    while ((await plain.line()) !== undefined);
    throw new Error("ended");
  });
});

test("UNAUTHENTICATE forgets who was there and what was enabled (RFC 8437 §3)", async () => {
  await using imap = await createImapFixture();
  const client = await imap.connect();
  await logIn(client);
  client.say("e ENABLE QRESYNC IMAP4rev2 UIDONLY\r\ns SELECT INBOX");
  await client.until("s");
  client.say("u UNAUTHENTICATE\r\nl LOGIN ana secret\r\nt SELECT INBOX");
  assert.deepEqual(await client.until("u"), ["u OK Log in again."]);
  assert.match((await client.until("l")).join(), /^l OK /);
  assert.ok((await client.until("t")).includes("* 0 RECENT"), "IMAP4rev1 again");
  client.say("x UNAUTHENTICATE\r\ny SELECT INBOX");
  assert.match((await client.until("y")).at(-1) ?? "", /^y BAD /);
});

test("UNAUTHENTICATE ends a compressed connection, whose end nobody could find (RFC 8437 §4.1)", async () => {
  await using imap = await createImapFixture();
  const plain = await imap.connect();
  await logIn(plain);
  const client = await compressed(imap, plain);
  client.say("u UNAUTHENTICATE");
  assert.match((await client.line()) ?? "", /^\* BYE /);
  assert.equal(await client.line(), undefined);
});

test("capabilities that are turned off are neither told nor served (RFC 8437 §8)", async () => {
  const withoutCapabilities = new Set(["UNAUTHENTICATE", "THREAD=REFS"]);
  await using imap = await createImapFixture({ server: { withoutCapabilities } });
  const client = await imap.connect();
  await logIn(client);
  client.say("a CAPABILITY");
  const told = (await client.until("a"))[0] ?? "";
  assert.doesNotMatch(told, /UNAUTHENTICATE|THREAD=REFS/);
  assert.match(told, /THREAD=REFERENCES/);
  client.say("u UNAUTHENTICATE");
  assert.match((await client.until("u")).at(-1) ?? "", /^u BAD /);
});
