import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBudget } from "../../../protocol/byte-budget.ts";
import { createImapFixture, logIn } from "../../imap-fixture.ts";

test("APPEND with flags and date, with and without waiting, several at once (RFC 3502 §6.3.11)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a APPEND INBOX (\\Seen $Work) "01-Feb-2026 12:34:56 +0100" {5}
    S: + ...
    C: hello
    S: a OK [APPENDUID ... 1] Kept.
    C: b APPEND INBOX {3+}
    C: one (\\Draft) ~{3+}
    C: two
    S: b OK [APPENDUID ... 2:3] Kept.
    C: c APPEND Nowhere {2+}
    C: hi
    S: c NO [TRYCREATE] ...
    C: d EXAMINE INBOX
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ()] ...
    S: * 3 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 2] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 4] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (F1)] ...
    S: d OK [READ-ONLY] ...
    C: e FETCH 1:3 (FLAGS RFC822.SIZE)
    S: * 1 FETCH (FLAGS (\\Seen $Work) RFC822.SIZE 5)
    S: * 2 FETCH (FLAGS () RFC822.SIZE 3)
    S: * 3 FETCH (FLAGS (\\Draft) RFC822.SIZE 3)
    S: e OK ...
    C: f FETCH 1 INTERNALDATE
    S: * 1 FETCH (INTERNALDATE "01-Feb-2026 11:34:56 +0000")
    S: f OK ...
  `);
});

test("a message that is too large is refused before it is sent, or dropped (RFC 7888 §4)", async () => {
  const limits = { appendBytesMax: 10, swallowBytesMax: 20 };
  await using imap = await createImapFixture({ server: { limits } });
  await imap.play(`
    C: a APPEND INBOX {11}
    S: a NO [TOOBIG] ...
    C: b APPEND INBOX {11+}
    C: 12345678901
    S: b NO [TOOBIG] ...
    C: c NOOP
    S: c OK ...
    C: d APPEND INBOX {21+}
    S: * BYE [TOOBIG] ...
    S: d NO [TOOBIG] ...
    S: <end>
  `);
});

test("literals of all sessions share one budget", async () => {
  await using imap = await createImapFixture({
    server: { budget: new ByteBudget(10) },
  });
  await imap.play(`
    C: a APPEND INBOX {8}
    S: + ...
    2C: a APPEND INBOX {8}
    2S: a NO [UNAVAILABLE] ...
    C: 12345678
    S: a OK ...
    C: b NOOP
    S: b OK ...
    2C: b APPEND INBOX {8}
    2S: + ...
    2C: 12345678
    2S: b OK ...
  `);
});

test("a full account is OVERQUOTA and nothing is kept", async () => {
  await using imap = await createImapFixture({ quotaBytes: 10 });
  await imap.play(`
    C: a APPEND INBOX {5+}
    C: 12345 {7+}
    C: 1234567
    S: a NO [OVERQUOTA] ...
    C: b STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: b OK ...
  `);
});

test("literals work for any string, and small ones only before login", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    plain
    S: * OK ...
    C: a LOGIN {3}
    S: + ...
    C: ana {6+}
    C: secret
    S: a OK ...
    C: b STATUS {5+}
    C: INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: b OK ...
    C: c LIST "" "x {5}"
    S: c OK ...
  `);
  await imap.play(`
    plain
    S: * OK ...
    C: a LOGIN {5000}
    S: a BAD [TOOBIG] ...
    C: b LOGIN {70000+}
    S: * BYE [TOOBIG] ...
    S: b BAD [TOOBIG] ...
    S: <end>
  `);
});

test("commands mean the same whatever way their bytes arrive", async () => {
  await using imap = await createImapFixture();
  const text = 'a APPEND INBOX (\\Seen) {4+}\r\nabcd\r\nb STATUS "INBOX" (MESSAGES)\r\n';
  for (let at = 0; at <= text.length; at++) {
    const client = await imap.connect();
    await logIn(client);
    client.send(text.slice(0, at));
    await imap.world.clock.settle();
    client.send(text.slice(at));
    const said = await client.until("b");
    assert.match(said[0] ?? "", /^a OK \[APPENDUID /);
    assert.equal(said[1], `* STATUS INBOX (MESSAGES ${at + 1})`);
    client.connection.destroy();
  }
});

test("what is only announced takes no room from others", async () => {
  await using imap = await createImapFixture({ server: { budget: new ByteBudget(60_000) } });
  const announce = `a APPEND INBOX {39000}`;
  const first = await imap.connect();
  const second = await imap.connect();
  for (const client of [first, second]) {
    await client.line();
    client.say("l LOGIN ana secret");
    await client.until("l");
    client.say(announce);
    assert.match((await client.line()) ?? "", /^\+ /);
  }
  first.say("x".repeat(39_000));
  assert.match((await first.line()) ?? "", /^a OK /);
});

test("a literal that drips ends the session: before login, and below the least speed", async () => {
  await using imap = await createImapFixture({
    server: { limits: { loginTimeoutMs: 2_000, literalBytesPerSecondMin: 100 } },
  });
  const client = await imap.connect();
  await client.line();
  client.say("a LOGIN {300}");
  assert.match((await client.line()) ?? "", /^\+ /);
  for (let second = 0; second < 5; second++) {
    client.send("x");
    await imap.world.clock.advance(500);
  }
  assert.match((await client.line()) ?? "", /^\* BYE /);
});
