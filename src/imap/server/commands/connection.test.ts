import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLimits } from "../../../protocol/limits.ts";
import { seededRandom } from "../../../base/random.ts";
import { MemoryTlsContext } from "../../../net/memory-tls.ts";
import { scramClient } from "../../../protocol/sasl-client.ts";
import { deriveScramKeys } from "../../../protocol/sasl-keys.ts";
import { createImapFixture, logIn } from "../../imap-fixture.ts";

test("greeting, capabilities before and after login (RFC 7889 §3), and LOGOUT", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    plain
    S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR ENABLE LANGUAGE AUTH=...] ...
    C: a NOOP
    S: a OK ...
    C: b SELECT INBOX
    S: b BAD [CLIENTBUG] ...
    C: c LOGIN ana wrong
    S: c NO [AUTHENTICATIONFAILED] ...
    C: d LOGIN ana "secret"
    S: d OK [CAPABILITY IMAP4rev1 ... APPENDLIMIT=...] Logged in.
    C: e LOGIN ana secret
    S: e BAD [CLIENTBUG] ...
    C: f CAPABILITY
    S: * CAPABILITY IMAP4rev1 ...
    S: f OK ...
    C: g LOGOUT
    S: * BYE Goodbye.
    S: g OK Logged out.
    S: <end>
  `);
});

test("without TLS from afar nothing can be logged in with", async () => {
  await using imap = await createImapFixture({ server: { plainTextLogin: "never" } });
  await imap.play(`
    plain
    S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR ENABLE LANGUAGE LOGINDISABLED] ...
    C: a LOGIN ana secret
    S: a NO [PRIVACYREQUIRED] ...
    C: b AUTHENTICATE PLAIN
    S: b NO [PRIVACYREQUIRED] ...
    C: c STARTTLS
    S: c BAD ...
  `);
});

test("AUTHENTICATE PLAIN with and without initial response, and cancelled (RFC 4959 §3, RFC 4616 §2)", async () => {
  await using imap = await createImapFixture();
  const proof = Buffer.from("\0ana\0secret").toString("base64");
  await imap.play(`
    plain
    S: * OK ...
    C: a AUTHENTICATE PLAIN
    S: +...
    C: *
    S: a BAD ...
    C: b AUTHENTICATE NOTHING
    S: b NO ...
    C: c AUTHENTICATE PLAIN AGFuYQB3cm9uZw==
    S: c NO [AUTHENTICATIONFAILED] ...
    C: d AUTHENTICATE PLAIN ${proof}
    S: d OK [CAPABILITY ...] Logged in.
  `);
  await imap.play(`
    plain
    S: * OK ...
    C: a AUTHENTICATE PLAIN
    S: +...
    C: ${proof}
    S: a OK [CAPABILITY ...] Logged in.
  `);
});

test("ENABLE and ID (RFC 5161 §3.1, RFC 2971 §3.1)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a ENABLE QRESYNC X-NOTHING
    S: * ENABLED QRESYNC
    S: a OK ...
    C: b ENABLE NOTHING
    S: * ENABLED
    S: b OK ...
    C: c ID ("name" "Test" "version" NIL)
    S: * ID ("name" "Golub")
    S: c OK ...
    C: d ID NIL
    S: * ID ("name" "Golub")
    S: d OK ...
  `);
});

test("what cannot be read is BAD, with its tag where it has one", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C:
    S: * BAD ...
    C: a
    S: a BAD ...
    C: a FROB
    S: a BAD Unknown command.
    C: + NOOP
    S: * BAD ...
    C: a NOOP more
    S: a BAD ...
    C: a UID
    S: a BAD ...
    C: a UID NOOP
    S: a BAD ...
    C: a noop
    S: a OK ...
    C: a LIST "" "unfinished
    S: a BAD ...
    C: a LIST "" ${"(".repeat(5000)}
    S: a BAD ...
    C: a STORE 1 FLAGS ${"(".repeat(5000)}
    S: a BAD ...
  `);
});

test("too many errors end the session", async () => {
  await using imap = await createImapFixture({ server: { limits: { errorsMax: 2 } } });
  await imap.play(`
    C: a FROB
    S: a BAD ...
    C: b FROB
    S: b BAD ...
    S: * BYE ...
    S: <end>
  `);
});

test("a web browser is cut off", async () => {
  await using imap = await createImapFixture();
  await imap
    .play(`
    plain
    S: * OK ...
    C: GET / HTTP/1.1
    S: <end>
  `)
    .catch(() => undefined);
  assert.equal(imap.server.sessionCount, 0);
});

test("silence ends with BYE, before login sooner than after", async () => {
  await using imap = await createImapFixture();
  const quiet = await imap.connect();
  assert.match((await quiet.line()) ?? "", /^\* OK /);
  await imap.world.clock.advance(61_000);
  assert.equal(await quiet.line(), "* BYE Nothing was said for too long.");
  assert.equal(await quiet.line(), undefined);
});

test("at shutdown waiting sessions hear BYE", async () => {
  await using imap = await createImapFixture();
  const client = await imap.connect();
  await client.line();
  await imap.world.clock.run(imap.server.close(1000));
  assert.equal(
    await client.line(),
    "* BYE [UNAVAILABLE] The server is shutting down; try again later.",
  );
  assert.equal(imap.server.sessionCount, 0);
});

test("STARTTLS drops what came before it, and the session begins anew (RFC 9051 §11.1)", async () => {
  const tls = new MemoryTlsContext({ names: ["mail.example.org"] });
  await using imap = await createImapFixture({ server: { plainTextLogin: "never", tls } });
  const client = await imap.connect();
  assert.match((await client.line()) ?? "", /STARTTLS LOGINDISABLED\]/);
  client.send("a STARTTLS\r\nb LOGIN ana secret\r\n");
  assert.equal(await client.line(), "a OK Begin TLS now.");
  const { clock } = imap.world;
  await clock.run(
    client.connection.startTlsClient({ serverName: "mail.example.org", mustVerify: true }, 1000),
  );
  client.say("c CAPABILITY");
  const said = await client.until("c");
  assert.match(said[0] ?? "", /^\* CAPABILITY IMAP4rev1 .*AUTH=SCRAM-SHA-256 /);
  assert.doesNotMatch(said[0] ?? "", /STARTTLS|LOGINDISABLED/);
  client.say("d LOGIN ana secret");
  await client.until("d");
  client.say("e STARTTLS");
  assert.match((await client.line()) ?? "", /^e BAD /);
});

test("one address gets only so many sessions, and one account too", async () => {
  const limits = { sessionsPerAccountMax: 1 };
  const connections = new ConnectionLimits({ connectionsMax: 2, perClientMax: 2 });
  await using imap = await createImapFixture({ server: { limits, connections } });
  await imap.play(`
    C: a NOOP
    S: a OK ...
  `);
  const first = await imap.connect();
  await logIn(first);
  const second = await imap.connect();
  await second.line();
  second.say("a LOGIN ana secret");
  assert.match((await second.line()) ?? "", /^a NO \[LIMIT\] /);
  const third = await imap.connect();
  assert.match((await third.line()) ?? "", /^\* BYE \[LIMIT\] /);
});

test("SCRAM-SHA-256 proves both sides over IMAP (RFC 5802, RFC 9051 §6.2.2)", async () => {
  const random = seededRandom(9);
  const salt = random.bytes(16);
  const keys = await deriveScramKeys("SHA-256", "secret", salt, 4096);
  const findScramSecret = async () => ({ salt, iterations: 4096, ...keys });
  await using imap = await createImapFixture({ authenticator: { findScramSecret } });
  const proving = scramClient({ name: "ana", password: "secret" }, { hash: "SHA-256", random });
  const client = await imap.connect();
  await client.line();
  client.say(
    `a AUTHENTICATE SCRAM-SHA-256 ${Buffer.from(proving.initial ?? "").toString("base64")}`,
  );
  for (;;) {
    const line = (await client.line()) ?? "";
    if (!line.startsWith("+ ")) {
      assert.match(line, /^a OK \[CAPABILITY /);
      break;
    }
    const response = await proving.respond(Buffer.from(line.slice(2), "base64"));
    client.say(Buffer.from(response).toString("base64"));
  }
  assert.equal(proving.isServerTrusted, true);
});
