import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1 } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import { journeyId } from "../base/ids.ts";
import type { Connection } from "../net/network.ts";
import { playDialogue } from "./server/dialogue.ts";
import {
  createSmtpFixture,
  fixtureAddress,
  fixturePort,
  type SmtpFixture,
} from "./server/smtp-fixture.ts";

async function connect(fixture: SmtpFixture, from = "198.51.100.9"): Promise<Connection> {
  const target = { address: fixtureAddress, port: fixturePort, timeoutMs: 1000 };
  return fixture.clock.run(fixture.network.host(from).connect(target));
}

/** Everything the server says until it ends the connection. */
async function readAll(fixture: SmtpFixture, connection: Connection): Promise<string> {
  let text = "";
  for (;;) {
    const bytes = await fixture.clock.run(connection.read(3_600_000)).catch(() => undefined);
    if (bytes === undefined) return text;
    text += latin1(bytes);
  }
}

const envelope = "EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ana@golub.example>\r\nDATA\r\n";

test("RFC 5321 §2.3.8: no malformed end of data lets a second message in", async () => {
  const ends = ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n"];
  const more = [
    "\r\n\0.\r\n",
    "\r\r\n.\r\r\n",
    "\r\n.\r\r\n",
    "\n\n.\r\n",
    "\r\n.\0\r\n",
    "\r\n. \r\n",
  ];
  for (const end of [...ends, ...more]) {
    await using fixture = await createSmtpFixture();
    const connection = await connect(fixture);
    const evil = "MAIL FROM:<evil@b.example>\r\nRCPT TO:<boris@golub.example>\r\nDATA\r\nx";
    await connection.write(`${envelope}Subject: a\r\n\r\nb${end}${evil}\r\n.\r\nQUIT\r\n`);
    const answers = await readAll(fixture, connection);
    const isBare = /\r(?!\n)|(?<!\r)\n/.test(end);
    assert.match(
      answers,
      isBare ? /\r\n550 5\.6\.0 [^\n]+\n221/ : /\r\n250 2\.0\.0 Ok: kept[^\n]+\n221/,
    );
    assert.equal((await fixture.inbox("boris@golub.example")).length, 0, JSON.stringify(end));
    assert.equal((await fixture.inbox("ana@golub.example")).length, isBare ? 0 : 1);
  }
});

test("a dialogue is the same however its bytes are cut", async () => {
  const script = `${envelope}Subject: a\r\n\r\n..b\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<boris@golub.example>\r\nBDAT 5\r\nabcdeBDAT 2 LAST\r\n\r\nQUIT\r\n`;
  const answersTo = async (pieces: readonly string[]) => {
    await using fixture = await createSmtpFixture();
    const connection = await connect(fixture);
    for (const piece of pieces) {
      await connection.write(piece);
      await fixture.clock.settle();
    }
    return await readAll(fixture, connection);
  };
  const whole = await answersTo([script]);
  assert.equal(whole.match(/^250 2\.0\.0 Ok: kept/gm)?.length, 2);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(script.length), { maxLength: 5 }), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), script.length];
      const pieces = places.slice(1).map((to, at) => script.slice(places[at], to));
      assert.equal(await answersTo(pieces.filter((piece) => piece !== "")), whole);
    }),
    { numRuns: 25 },
  );
});

test("250 is said after the commit; when that fails, the client may try again", async () => {
  let isSick = true;
  const faults = {
    beforeCommit: () => {
      if (isSick) throw new Refusal("diskFull", "No room now; try later.");
    },
  };
  isSick = false;
  await using fixture = await createSmtpFixture({ faults });
  isSick = true;
  const connection = await connect(fixture);
  await connection.write(`${envelope}Subject: a\r\n.\r\n`);
  await fixture.clock.settle();
  isSick = false;
  await connection.write(`${envelope.slice(8)}Subject: a\r\n.\r\nQUIT\r\n`);
  const answers = await readAll(fixture, connection);
  assert.match(answers, /\r\n452 4\.3\.1 No room now[^\n]+\n(?:[^\n]+\n){3}250 2\.0\.0 Ok: kept/);
  assert.equal((await fixture.inbox("ana@golub.example")).length, 1);
});

test("the journey has the whole way from the first byte to the mailbox", async () => {
  await using fixture = await createSmtpFixture();
  const connection = await connect(fixture);
  await connection.write(`${envelope}Message-ID: <1@b.example>\r\n\r\n.\r\nQUIT\r\n`);
  const answers = await readAll(fixture, connection);
  const [row] = await fixture.store.journeys.find("<1@b.example>", 1);
  assert.equal(row?.journey, journeyId(/kept as (\S+)/.exec(answers)?.[1] ?? ""));
  assert.deepEqual(
    row?.steps.map((step) => step.kind),
    [
      "smtp.connected",
      "smtp.greeted",
      "smtp.earlyTalker",
      "smtp.mail",
      "smtp.recipient",
      "smtp.earlyTalker",
      "smtp.received",
      "delivery.stored",
    ],
  );
  assert.equal((await fixture.store.journeys.find("ana@golub.example", 9)).length, 1);
});

test("a message refused after its data has a journey too", async () => {
  await using fixture = await createSmtpFixture();
  const connection = await connect(fixture);
  await connection.write(`${envelope}a\nb\r\n.\r\nQUIT\r\n`);
  await readAll(fixture, connection);
  const [row] = await fixture.store.journeys.find("ana@golub.example", 1);
  assert.deepEqual(row?.steps.at(-1)?.facts["reason"], "rejectedContent");
});

test("one client cannot take all places; loopback and trusted ones are not counted", async () => {
  await using fixture = await createSmtpFixture({
    perClientMax: 2,
    relayFrom: ["192.0.2.7"],
  });
  const first = await connect(fixture);
  await connect(fixture);
  assert.match(await readAll(fixture, await connect(fixture)), /^421 4\.7\.0 /);
  const addresses = ["198.51.100.10", "127.0.0.1", "127.0.0.1", "127.0.0.1"];
  const trusted = ["192.0.2.7", "192.0.2.7", "192.0.2.7"];
  for (const address of [...addresses, ...trusted]) await connect(fixture, address);
  await fixture.clock.settle();
  assert.equal(fixture.server.sessionCount, 9);
  first.destroy();
  await fixture.clock.settle();
  assert.equal(fixture.server.sessionCount, 8);
  await connect(fixture);
  await fixture.clock.settle();
  assert.equal(fixture.server.sessionCount, 9);
});

test("IPv6 clients are counted by their /64", async () => {
  await using fixture = await createSmtpFixture({ perClientMax: 1 });
  await connect(fixture, "2001:db8::1");
  assert.match(await readAll(fixture, await connect(fixture, "2001:db8::2")), /^421 /);
  await connect(fixture, "2001:db8:0:1::1");
  await fixture.clock.settle();
  assert.equal(fixture.server.sessionCount, 2);
});

test("closing tells idle clients, lets a message finish, and turns new ones away", async () => {
  await using fixture = await createSmtpFixture();
  const idle = await connect(fixture);
  const busy = await connect(fixture);
  await busy.write(`${envelope}Subject: a\r\n`);
  await fixture.clock.settle();
  const closed = fixture.server.close(60_000);
  assert.match(await readAll(fixture, idle), /^220 [^\n]+\n421 4\.3\.2 /);
  assert.match(await readAll(fixture, await connect(fixture)), /^421 4\.3\.2 /);
  await busy.write(".\r\n");
  assert.match(await readAll(fixture, busy), /\n250 2\.0\.0 Ok: kept[^\n]+\n421 4\.3\.2 /);
  await fixture.clock.run(closed);
  assert.equal((await fixture.inbox("ana@golub.example")).length, 1);
});

test("closing does not wait longer than its grace", async () => {
  await using fixture = await createSmtpFixture();
  const busy = await connect(fixture);
  await busy.write(`${envelope}Subject: a\r\n`);
  await fixture.clock.settle();
  const startMs = fixture.clock.now();
  await fixture.clock.run(fixture.server.close(5000));
  assert.equal(fixture.clock.now() - startMs, 5000);
});

test("a client that talks before the greeting is noted and served", async () => {
  await using fixture = await createSmtpFixture({ limits: { greetingPauseMs: 2000 } });
  const quiet = await connect(fixture);
  const early = await connect(fixture);
  await early.write(`${envelope}Subject: a\r\n.\r\nQUIT\r\n`);
  assert.match(await readAll(fixture, early), /^220 /);
  const [row] = await fixture.store.journeys.find("ana@golub.example", 1);
  assert.equal(row?.steps[1]?.facts["before"], "greeting");
  await quiet.write("QUIT\r\n");
  assert.match(await readAll(fixture, quiet), /^220 [^\n]+\n221 /);
});

test("errors beyond the free ones make answers wait", async () => {
  await using fixture = await createSmtpFixture();
  const connection = await connect(fixture);
  await connection.write("FOO\r\n".repeat(30));
  const startMs = fixture.clock.now();
  const answers = await readAll(fixture, connection);
  assert.equal(answers.match(/^500 /gm)?.length, 20);
  assert.match(answers, /\n421 4\.7\.0 Too many errors\.\r\n$/);
  assert.ok(fixture.clock.now() - startMs > 50_000);
});

test("an accepted message forgives the errors before it", async () => {
  await using fixture = await createSmtpFixture({ limits: { freeErrors: 2 } });
  const connection = await connect(fixture);
  const one = "MAIL FROM:<>\r\nRCPT TO:<no@golub.example>\r\nRCPT TO:<ana@golub.example>\r\n";
  await connection.write(`EHLO a\r\n${`${one}DATA\r\n\r\n.\r\n`.repeat(30)}QUIT\r\n`);
  const startMs = fixture.clock.now();
  const answers = await readAll(fixture, connection);
  assert.equal(answers.match(/^250 2\.0\.0 Ok: kept/gm)?.length, 30);
  assert.equal(answers.match(/^550 5\.1\.1 /gm)?.length, 30);
  assert.ok(fixture.clock.now() - startMs < 1000);
});

test("whoever asks for a full mailbox again and again fills no disk", async () => {
  await using fixture = await createSmtpFixture({ accounts: { "puna@golub.example": 10 } });
  const connection = await connect(fixture);
  const asking = "RCPT TO:<puna@golub.example>\r\n".repeat(200);
  await connection.write(`EHLO a\r\nMAIL FROM:<> SIZE=11\r\n${asking}QUIT\r\n`);
  const answers = await readAll(fixture, connection);
  assert.equal(answers.match(/^452 4\.2\.2 /gm)?.length, 200);
  assert.equal((await fixture.store.journeys.find("puna@golub.example", 300)).length, 20);
});

test("memory for arriving messages is given back however they end", async () => {
  await using fixture = await createSmtpFixture();
  const half = await connect(fixture);
  await half.write(`${envelope}Subject: a\r\n`);
  const chunked = await connect(fixture);
  await chunked.write(`${envelope.replace("DATA", "BDAT 5")}abcde`);
  await fixture.clock.settle();
  assert.equal(fixture.budget.usedBytes, 17);
  half.destroy();
  chunked.destroy();
  await fixture.clock.settle();
  assert.equal(fixture.budget.usedBytes, 0);
});

test("what is logged of a session carries its id, and plain text before TLS is counted", async () => {
  await using fixture = await playDialogue(
    `S: 220 *
     C> "STARTTLS\\r\\nEHLO evil\\r\\n"
     S: 501 *
     END`,
    { hasTls: true },
  );
  const dropped = fixture.events.find((each) => each.event === "smtp.plaintextDropped");
  assert.equal(dropped?.facts["bytes"], 11);
  assert.match(String(dropped?.facts["session"]), /^.{20}$/);
});

test("a bug is answered with a reference that the log has, and nothing else", async () => {
  await using fixture = await createSmtpFixture({
    faults: {
      afterCommit: (batches) => {
        if (batches.some((batch) => batch.actor.startsWith("smtp:"))) throw new Error("secret");
      },
    },
  });
  const connection = await connect(fixture);
  await connection.write(`${envelope}Subject: a\r\n.\r\nQUIT\r\n`);
  const answers = await readAll(fixture, connection);
  assert.match(answers, /\n45\d 4\.3\.0 /);
  assert.doesNotMatch(answers, /secret/);
});

test("an account that is disabled sends nothing more on connections that it has", async () => {
  await using fixture = await createSmtpFixture({ role: "submission", plainTextLogin: "always" });
  const { store, clock } = fixture;
  const connection = await connect(fixture);
  const read = async () => latin1((await clock.run(connection.read(60_000))) ?? Buffer.alloc(0));
  const ask = async (line: string) => {
    await connection.write(`${line}\r\n`);
    return read();
  };
  await read();
  await ask("EHLO a");
  assert.match(await ask("AUTH PLAIN AGFuYUBnb2x1Yi5leGFtcGxlAHNlY3JldA=="), /^235 /);
  assert.match(await ask("MAIL FROM:<ana@golub.example>"), /^250 /);
  assert.match(await ask("RSET"), /^250 /);
  const account = await store.directory.findAccount("ana@golub.example");
  assert.ok(account !== undefined);
  const change = {
    kind: "directory.accountUpdate",
    account: account.id,
    isEnabled: false,
  } as const;
  await clock.run(store.apply({ actor: "test", atMs: clock.now(), changes: [change] }));
  assert.match(await ask("MAIL FROM:<ana@golub.example>"), /^525 5\.7\.13 /);
  assert.match(await ask("MAIL FROM:<>"), /^525 5\.7\.13 /);
});

test("nobody relays but who is logged in or trusted by address, and by LMTP nobody does", async () => {
  const login = "AUTH PLAIN AGFuYUBnb2x1Yi5leGFtcGxlAHNlY3JldA==\r\n";
  const remote = "MAIL FROM:<ana@golub.example>\r\nRCPT TO:<b@elsewhere.example>\r\n";
  for (const role of ["mx", "submission", "lmtp"] as const) {
    for (const isTrusted of [false, true]) {
      for (const isLoggedIn of [false, true]) {
        await using fixture = await createSmtpFixture({
          role,
          plainTextLogin: "always",
          relayFrom: isTrusted ? ["198.51.100.9"] : [],
        });
        const connection = await connect(fixture);
        const hello = role === "lmtp" ? "LHLO a\r\n" : "EHLO a\r\n";
        await connection.write(`${hello}${isLoggedIn ? login : ""}${remote}QUIT\r\n`);
        const answers = await readAll(fixture, connection);
        const isAllowed = role !== "lmtp" && (isTrusted || (isLoggedIn && role === "submission"));
        const name = JSON.stringify({ role, isTrusted, isLoggedIn });
        assert.equal(/^250 2\.1\.5 /m.test(answers), isAllowed, name);
      }
    }
  }
});

test("a full mailbox's refusal has a journey, a guessed address has none", async () => {
  await using fixture = await createSmtpFixture({ accounts: { "puna@golub.example": 1 } });
  const connection = await connect(fixture);
  const recipients = ["puna", "nobody"].map((name) => `RCPT TO:<${name}@golub.example>\r\n`);
  await connection.write(
    `EHLO a\r\nMAIL FROM:<a@b.example> SIZE=9\r\n${recipients.join("")}QUIT\r\n`,
  );
  await readAll(fixture, connection);
  const { journeys } = fixture.store;
  const [row] = await journeys.find("puna@golub.example", 1);
  assert.equal(row?.steps.at(-1)?.facts["reason"], "overQuota");
  assert.equal((await journeys.find("nobody@golub.example", 1)).length, 0);
});

test("a message that drips is cut off although it is never silent", async () => {
  await using fixture = await createSmtpFixture({ limits: { messageTimeoutMs: 600_000 } });
  const connection = await connect(fixture);
  await connection.write(envelope);
  for (let minutes = 0; minutes < 12; minutes++) {
    await connection.write("a");
    await fixture.clock.advance(60_000);
  }
  assert.match(
    await readAll(fixture, connection),
    /\n421 4\.4\.2 The message takes too long\.\r\n$/,
  );
  assert.equal(fixture.server.sessionCount, 0);
});

test("floods of recipients, commands and bytes end in an answer, and others are served", async () => {
  await using fixture = await createSmtpFixture({ limits: { errorPauseMs: 0 } });
  const floods: readonly (readonly [string, RegExp])[] = [
    [
      `EHLO a\r\nMAIL FROM:<>\r\n${"RCPT TO:<ana@golub.example>\r\n".repeat(2000)}QUIT\r\n`,
      /\n452 4\.5\.3 /,
    ],
    [`EHLO a\r\nMAIL FROM:<>\r\n${"RCPT TO:<x@golub.example>\r\n".repeat(2000)}`, /\n421 4\.7\.0 /],
    [`${"NOOP\r\n".repeat(5000)}QUIT\r\n`, /\n221 /],
    [`${"x".repeat(2_000_000)}\r\nQUIT\r\n`, /\n500 5\.5\.2 Line too long\.\r\n221 /],
    [`${"EHLO a\r\n".repeat(2000)}QUIT\r\n`, /\n221 /],
    [`MAIL FROM:<${'"\\'.repeat(900)}\r\n`.repeat(30), /\n421 4\.7\.0 /],
  ];
  for (const [bytes, answer] of floods) {
    const connection = await connect(fixture);
    const written = connection.write(bytes);
    written?.catch(() => undefined);
    assert.match(await readAll(fixture, connection), answer);
  }
  const connection = await connect(fixture);
  await connection.write(`${envelope}Subject: a\r\n.\r\nQUIT\r\n`);
  assert.match(await readAll(fixture, connection), /kept as/);
});

test("a TLS handshake on a plain port is not a command", async () => {
  await using fixture = await createSmtpFixture();
  const connection = await connect(fixture);
  await connection.write("\x16\x03\x01\x02\x00\x01\x00\r\nQUIT\r\n");
  assert.match(await readAll(fixture, connection), /\n500 5\.5\.2 [^\n]+\n221 /);
});

test("who sends commands and never reads answers is cut off, and costs one buffer", async () => {
  await using fixture = await createSmtpFixture();
  const connection = await connect(fixture);
  await connection.write("EHLO client.example\r\n".repeat(20_000));
  await fixture.clock.settle();
  assert.ok((fixture.accepted[0]?.unsentBytes ?? Infinity) < 400_000);
  await fixture.clock.advance(300_000);
  assert.equal(fixture.server.sessionCount, 0);
});
