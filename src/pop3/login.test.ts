import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLimits } from "../protocol/limits.ts";
import { createPop3Fixture, type Pop3Client } from "./dialogue-fixture.ts";

const plain = (text: string) => Buffer.from(text, "utf8").toString("base64");
const anaPlain = plain("\0ana@example.org\0secret word");

async function capabilities(client: Pop3Client): Promise<string[]> {
  assert.match(await client.say("CAPA"), /^\+OK/);
  return client.rest();
}

test("CAPA lists what can be done on this connection now (RFC 2449 §5)", async () => {
  await using pop = await createPop3Fixture();
  const client = await pop.connect();
  assert.deepEqual(await capabilities(client), [
    "USER",
    "SASL SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN",
    "STLS",
    "UTF8 USER",
    "LANG",
    "TOP",
    "UIDL",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "PIPELINING",
    "EXPIRE NEVER",
    "IMPLEMENTATION Golub",
  ]);
  await client.say("USER ana@example.org");
  await client.say("PASS secret word");
  assert.ok(!(await capabilities(client)).includes("STLS"));
});

test("no login is offered or accepted where it could be overheard", async () => {
  await using pop = await createPop3Fixture({ plainTextLogin: "never" });
  const client = await pop.connect();
  const words = await capabilities(client);
  assert.ok(!words.includes("USER") && !words.some((word) => word.startsWith("SASL")));
  assert.match(await client.say("USER ana@example.org"), /^-ERR Use TLS/);
  assert.match(await client.say("PASS secret word"), /^-ERR Use TLS/);
  assert.match(await client.say(`AUTH PLAIN ${anaPlain}`), /^-ERR Use TLS/);
  assert.match(await client.say("STLS"), /^\+OK/);
  await client.startTls();
  assert.ok((await capabilities(client)).some((word) => word.includes("SCRAM-SHA-256-PLUS")));
  await client.say("USER ana@example.org");
  assert.match(await client.say("PASS secret word"), /^\+OK/);
});

test("what was said before STLS does not count after it (RFC 2595 §4)", async () => {
  await using pop = await createPop3Fixture();
  const client = await pop.connect();
  await client.say("USER ana@example.org");
  client.send("STLS\r\nUSER mallory@example.org\r\n");
  assert.match((await client.line()) ?? "", /^\+OK/);
  await client.startTls();
  assert.match(await client.say("PASS secret word"), /^-ERR USER comes first/);
  assert.match(await client.say("STLS"), /^-ERR/);
});

test("TLS from the first byte (RFC 8314 §3.3)", async () => {
  await using pop = await createPop3Fixture({ isImplicitTls: true, plainTextLogin: "never" });
  const client = await pop.logIn();
  assert.match(await client.say("STAT"), /^\+OK 0 0/);
});

test("AUTH with and without an initial response, cancelled and wrong (RFC 5034 §4)", async () => {
  await using pop = await createPop3Fixture({ limits: { loginErrorsMax: 9 } });
  const client = await pop.connect();
  assert.match(await client.say("AUTH"), /^\+OK/);
  assert.deepEqual(await client.rest(), ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"]);
  assert.match(await client.say("AUTH CRAM-MD5"), /^-ERR/);
  assert.equal(await client.say("AUTH PLAIN"), "+ ");
  assert.match(await client.say("*"), /^-ERR/);
  assert.match(await client.say("AUTH PLAIN !!!"), /^-ERR/);
  const wrong = plain("\0ana@example.org\0wrong");
  assert.match(await client.say(`AUTH PLAIN ${wrong}`), /^-ERR \[AUTH\] /);
  assert.equal(await client.say("AUTH PLAIN"), "+ ");
  assert.match(await client.say(anaPlain), /^\+OK 0 messages/);
  await client.say("QUIT");
  const other = await pop.connect();
  assert.match(await other.say(`auth plain ${anaPlain}`), /^\+OK/);
});

test("passwords in UTF-8 and, from old programs, in Latin-1 are what people typed (RFC 6856 §2)", async () => {
  await using pop = await createPop3Fixture();
  const client = await pop.connect();
  assert.match(await client.say("UTF8"), /^\+OK/);
  assert.match(await client.say("STLS"), /^-ERR STLS comes before UTF8/);
  await client.say("USER ana@example.org");
  assert.match(await client.say(`PASS ${Buffer.from("čarape").toString("latin1")}`), /^\+OK/);
});

test("a wrong login says [AUTH], a fault of ours [SYS/TEMP], and the third wrong one ends it (RFC 3206 §4)", async () => {
  await using pop = await createPop3Fixture();
  const client = await pop.connect();
  await client.say("USER busy@example.org");
  assert.match(await client.say("PASS x"), /^-ERR \[SYS\/TEMP\] /);
  for (let attempt = 0; attempt < 3; attempt++) {
    await client.say("USER nobody@example.org");
    assert.match(await client.say("PASS x"), /^-ERR \[AUTH\] /);
  }
  assert.equal(await client.line(), undefined);
});

test("whoever guesses from elsewhere waits longer each time, over all connections", async () => {
  await using pop = await createPop3Fixture({ plainTextLogin: "always" });
  const { clock } = pop.fixture;
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 6; attempt++) {
    const client = await pop.connect("192.0.2.7");
    await client.say("USER nobody@example.org");
    const startMs = clock.now();
    assert.match(await clock.run(client.say("PASS x")), /^-ERR \[AUTH\]/);
    pauses.push(clock.now() - startMs);
    client.connection.destroy();
  }
  assert.deepEqual(pauses, [0, 0, 0, 0, 1000, 2000]);
});

test("more connections than are allowed are turned away with a word", async () => {
  await using pop = await createPop3Fixture({
    connections: new ConnectionLimits({ connectionsMax: 1, perClientMax: 1 }),
  });
  await pop.connect();
  await assert.rejects(pop.connect(), /-ERR \[SYS\/TEMP\]/);
});
