import assert from "node:assert/strict";
import { test } from "node:test";
import { uid } from "../base/ids.ts";
import { createPop3Fixture } from "./dialogue-fixture.ts";

const one = "Subject: one\r\n\r\nFirst.\r\n.dot\r\n..two dots\r\n";
const two = "Subject: two\r\n\r\nLine 1\r\nLine 2\r\nLine 3\r\n";

test("STAT, LIST and UIDL tell of what is there, and RETR gives it (RFC 1939 §5)", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(one, two);
  const client = await pop.logIn();
  const bytes = one.length + two.length;
  assert.equal(await client.say("STAT"), `+OK 2 ${bytes}`);
  assert.equal(await client.say("LIST"), `+OK 2 messages (${bytes} octets)`);
  assert.deepEqual(await client.rest(), [`1 ${one.length}`, `2 ${two.length}`]);
  assert.equal(await client.say("LIST 2"), `+OK 2 ${two.length}`);
  assert.equal(await client.say("LIST 3"), "-ERR No such message.");
  assert.match(await client.say("UIDL 1"), /^\+OK 1 \d+\.1$/);
  assert.equal(await client.say("RETR 1"), `+OK ${one.length} octets`);
  assert.equal((await client.rest()).join("\r\n") + "\r\n", one);
  assert.match(await client.say("NOOP"), /^\+OK/);
  assert.match(await client.say("QUIT"), /^\+OK/);
  assert.equal(await client.line(), undefined);
});

test("TOP gives the header and so many lines of the body (RFC 1939 §7)", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(two, "Subject: no body\r\n");
  const client = await pop.logIn();
  assert.match(await client.say("TOP 1 0"), /^\+OK/);
  assert.deepEqual(await client.rest(), ["Subject: two", ""]);
  await client.say("TOP 1 2");
  assert.deepEqual(await client.rest(), ["Subject: two", "", "Line 1", "Line 2"]);
  await client.say("TOP 1 99");
  assert.equal((await client.rest()).length, 5);
  await client.say("TOP 2 1");
  assert.deepEqual(await client.rest(), ["Subject: no body"]);
  assert.match(await client.say("TOP 1"), /^-ERR/);
  assert.match(await client.say("TOP 1 -1"), /^-ERR/);
});

test("DELE takes effect at QUIT and not before; RSET takes it back (RFC 1939 §6)", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(one, two);
  const total = async () => (await pop.fixture.mail.getMailbox("INBOX")).totalCount;
  const client = await pop.logIn();
  assert.match(await client.say("DELE 1"), /^\+OK/);
  assert.match(await client.say("DELE 1"), /^-ERR/);
  assert.match(await client.say("RETR 1"), /^-ERR/);
  assert.equal(await client.say("STAT"), `+OK 1 ${two.length}`);
  await client.say("UIDL");
  assert.equal((await client.rest()).length, 1);
  assert.match(await client.say("RSET"), /^\+OK 2 messages/);
  await client.say("DELE 2");
  assert.equal(await total(), 2);
  assert.equal(await client.say("QUIT"), "+OK Goodbye; 1 messages removed, 1 left.");
  assert.equal(await total(), 1);
});

test("a session that breaks off or is silent removes nothing (RFC 1939 §3)", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(one, two);
  const client = await pop.logIn();
  await client.say("DELE 1");
  client.connection.destroy();
  await pop.fixture.clock.settle();
  const second = await pop.logIn();
  await second.say("DELE 2");
  await pop.fixture.clock.advance(10 * 60_000 + 1);
  assert.equal(await second.line(), undefined, "cut off without a word");
  assert.equal((await pop.fixture.mail.getMailbox("INBOX")).totalCount, 2);
  assert.match(await (await pop.logIn()).say("STAT"), /^\+OK 2 /);
});

test("a second session finds the maildrop in use until the first has ended (RFC 2449 §8.1.1)", async () => {
  await using pop = await createPop3Fixture();
  const first = await pop.logIn();
  const second = await pop.connect();
  await second.say("USER ana@example.org");
  const { clock } = pop.fixture;
  assert.match(await clock.run(second.say("PASS secret word")), /^-ERR \[IN-USE\] /);
  assert.match(await second.say("STAT"), /^-ERR/);
  assert.match(await first.say("QUIT"), /^\+OK/);
  await second.say("USER ana@example.org");
  assert.match(await second.say("PASS secret word"), /^\+OK/);
});

test("who comes back before the broken session is over waits a little for the maildrop", async () => {
  await using pop = await createPop3Fixture();
  const first = await pop.logIn();
  const second = await pop.connect();
  await second.say("USER ana@example.org");
  const answer = second.say("PASS secret word");
  await pop.fixture.clock.advance(500);
  first.connection.destroy();
  assert.match(await pop.fixture.clock.run(answer), /^\+OK/);
});

test("mail that comes and goes meanwhile does not disturb a session", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(one, two);
  const client = await pop.logIn();
  await pop.put(one);
  const { mail, inbox } = pop.fixture;
  await mail.expunge(inbox, [[uid(1), uid(1)]], false);
  assert.match(await client.say("STAT"), /^\+OK 2 /);
  assert.equal(await client.say("RETR 1"), `+OK ${one.length} octets`);
  await client.rest();
  await client.say("DELE 1");
  await client.say("DELE 2");
  assert.match(await client.say("QUIT"), /^\+OK/);
  assert.equal((await mail.getMailbox("INBOX")).totalCount, 1);
});

test("UIDL stays the same in later sessions and when others are removed", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(one, two);
  const client = await pop.logIn();
  const name = (await client.say("UIDL 2")).split(" ")[2];
  await client.say("DELE 1");
  await client.say("QUIT");
  assert.equal(await (await pop.logIn()).say("UIDL 1"), `+OK 1 ${name}`);
});

test("commands may be sent together; answers come in order (RFC 2449 §6.6)", async () => {
  await using pop = await createPop3Fixture();
  const messages = Array.from({ length: 30 }, (_, at) => `Subject: ${at}\r\n\r\nText ${at}\r\n`);
  await pop.put(...messages);
  const client = await pop.connect();
  client.send("USER ana@example.org\r\nPASS secret word\r\nSTAT\r\n");
  for (const expected of [/^\+OK/, /^\+OK 30/, /^\+OK 30 /]) {
    assert.match((await client.line()) ?? "", expected);
  }
  client.send(
    messages.map((_, at) => `RETR ${at + 1}\r\nDELE ${at + 1}\r\n`).join("") + "QUIT\r\n",
  );
  for (const message of messages) {
    assert.match((await client.line()) ?? "", /^\+OK \d+ octets/);
    assert.equal((await client.rest()).join("\r\n") + "\r\n", message);
    assert.match((await client.line()) ?? "", /^\+OK/);
  }
  assert.equal(await client.line(), "+OK Goodbye; 30 messages removed, 0 left.");
});

test("large messages are streamed, whatever their lines", async () => {
  await using pop = await createPop3Fixture();
  const large = `Subject: large\r\n\r\n${".line\r\n".repeat(40_000)}no end`;
  await pop.put(large);
  const client = await pop.logIn();
  assert.equal(await client.say("RETR 1"), `+OK ${large.length} octets`);
  assert.equal((await client.rest()).join("\r\n"), large);
  await client.say("TOP 1 1");
  assert.deepEqual(await client.rest(), ["Subject: large", "", ".line"]);
});

test("wrong commands are refused at the right time, and too many end the session", async () => {
  await using pop = await createPop3Fixture({ limits: { errorsMax: 8 } });
  const client = await pop.connect();
  assert.match(await client.say("STAT"), /^-ERR/);
  assert.match(await client.say("PASS secret word"), /^-ERR USER comes first/);
  assert.match(await client.say("USER"), /^-ERR/);
  assert.match(await client.say("APOP ana 00"), /^-ERR Unknown command/);
  assert.match(await client.say("__proto__"), /^-ERR/);
  assert.match(await client.say(""), /^-ERR/);
  assert.match(await client.say(`NOOP ${"x".repeat(20_000)}`), /^-ERR Line too long/);
  assert.match(await client.say("CAPA now"), /^-ERR/);
  assert.match((await client.line()) ?? "", /^-ERR Too many errors/);
  assert.equal(await client.line(), undefined);
});

test("HTTP on a POP3 port ends the connection", async () => {
  await using pop = await createPop3Fixture();
  const client = await pop.connect();
  client.send("GET / HTTP/1.1\r\n");
  await assert.rejects(client.line());
});

test("a server that closes tells idle sessions and lets them go without UPDATE", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(one);
  const client = await pop.logIn();
  await client.say("DELE 1");
  const closed = pop.server.close(1000);
  assert.match((await client.line()) ?? "", /^-ERR \[SYS\/TEMP\]/);
  client.connection.destroy();
  await pop.fixture.clock.run(closed);
  assert.equal(pop.server.sessionCount, 0);
  assert.equal((await pop.fixture.mail.getMailbox("INBOX")).totalCount, 1);
});

test("a store that fails at QUIT is told of, and the messages stay", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(one);
  const client = await pop.logIn();
  await client.say("DELE 1");
  pop.fixture.store.crash();
  assert.match(await client.say("QUIT"), /^-ERR \[SYS\/TEMP\]/);
});
