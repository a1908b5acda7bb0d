import assert from "node:assert/strict";
import { test } from "node:test";
import { createConsignment, createCourierWorld, show } from "./client/courier-fixture.ts";

test("a message goes to the domain's exchange, whatever extensions it has", async () => {
  const world = createCourierWorld();
  const remote = await world.remote();
  const [outcome] = await world.carry(createConsignment());
  assert.equal(show(outcome), "delivered 250 2.0.0 taken");
  assert.equal(outcome?.answer.host, "mx.remote.test (192.0.2.1)");
  assert.deepEqual(remote.messages, [
    {
      mail: "MAIL FROM:<me@golub.test>",
      rcpts: ["RCPT TO:<ana@remote.test>"],
      content: "Subject: hello\r\n\r\nHi.\r\n",
    },
  ]);
  assert.equal(remote.sessions[0]?.lines[0], "EHLO mail.golub.test");
  await world.courier.close();
});

test("dots are doubled and a missing line end is added (RFC 5321 §4.5.2)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote();
  await world.carry(createConsignment({ content: "A: b\r\n\r\n.\r\n..x\r\n.\r\nlast" }));
  assert.equal(remote.messages[0]?.content, "A: b\r\n\r\n.\r\n..x\r\n.\r\nlast\r\n");
});

test("each recipient has the answer that was for it", async () => {
  const world = createCourierWorld();
  await world.remote("192.0.2.1", {
    extensions: ["PIPELINING"],
    script: {
      RCPT: (line) => {
        if (line.includes("<bad@")) return "550-5.1.1 No such\r\n550 5.1.1 user";
        return line.includes("<later@") ? "450 4.2.1 Busy" : undefined;
      },
    },
  });
  const to = ["bad@remote.test", "ana@remote.test", "later@remote.test"];
  const outcomes = await world.carry(createConsignment({ to }));
  assert.deepEqual(outcomes.map(show), [
    "failed 550 5.1.1 No such user",
    "delivered 250 2.0.0 taken",
    "delayed 450 4.2.1 Busy",
  ]);
});

test("a server that takes DATA without recipients gets an empty message (RFC 2920 §3.1)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", {
    extensions: ["PIPELINING"],
    script: { RCPT: "550 5.1.1 no", DATA: "354 go on", ".": "554 5.5.1 no valid recipients" },
  });
  const outcomes = await world.carry(createConsignment());
  assert.deepEqual(outcomes.map(show), ["failed 550 5.1.1 no"]);
  assert.deepEqual(remote.messages, []);
});

test("a server that knows only HELO is spoken to in its way", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", { script: { EHLO: "502 5.5.1 what?" } });
  const outcomes = await world.carry(createConsignment());
  assert.deepEqual(outcomes.map(show), ["delivered 250 2.0.0 taken"]);
  assert.deepEqual(remote.sessions[0]?.lines.slice(0, 2), [
    "EHLO mail.golub.test",
    "HELO mail.golub.test",
  ]);
});

test("recipients beyond what a server takes go in a second transaction (RFC 5321 §4.5.3.1.10)", async () => {
  const world = createCourierWorld();
  let count = 0;
  const remote = await world.remote("192.0.2.1", {
    extensions: ["PIPELINING"],
    script: {
      MAIL: () => {
        count = 0;
        return undefined;
      },
      RCPT: () => (++count > 2 ? "452 4.5.3 too many" : undefined),
    },
  });
  const to = ["a@remote.test", "b@remote.test", "c@remote.test", "d@remote.test", "e@remote.test"];
  const outcomes = await world.carry(createConsignment({ to }));
  assert.ok(outcomes.every(({ kind }) => kind === "delivered"));
  assert.deepEqual(
    remote.messages.map(({ rcpts }) => rcpts.length),
    [2, 2, 1],
  );
});

test("RCPTMAX of LIMITS is kept to (RFC 9422 §4.2)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", { extensions: ["LIMITS RCPTMAX=1 MAILMAX=2"] });
  const to = ["a@remote.test", "b@remote.test"];
  await world.carry(createConsignment({ to }));
  await world.carry(createConsignment());
  assert.deepEqual(
    remote.sessions.map(({ messages }) => messages.length),
    [2, 1],
  );
});

test("a connection is used again for the next message, and closed when idle", async () => {
  const world = createCourierWorld();
  const remote = await world.remote();
  await world.carry(createConsignment());
  await world.carry(createConsignment());
  assert.equal(remote.sessions.length, 1);
  assert.ok(remote.sessions[0]?.lines.includes("RSET"));
  await world.clock.advance(20_000);
  assert.equal(remote.sessions[0]?.lines.at(-1), "QUIT");
  assert.equal(world.network.openCount, 0);
});

test("a connection that the server closed meanwhile is replaced without a delay", async () => {
  const world = createCourierWorld();
  const remote = await world.remote();
  await world.carry(createConsignment());
  world.network.cut();
  const outcomes = await world.carry(createConsignment());
  assert.deepEqual(outcomes.map(show), ["delivered 250 2.0.0 taken"]);
  assert.equal(remote.sessions.length, 2);
});

test("close lets go of every connection and timer", async () => {
  const world = createCourierWorld();
  await world.remote();
  await world.carry(createConsignment());
  await world.clock.run(world.courier.close());
  assert.equal(world.network.openCount, 0);
  assert.equal(world.clock.timerCount, 0);
});

test("DSN parameters are passed on to servers that know them (RFC 3461 §5.2.1)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", { extensions: ["DSN"] });
  const [outcome] = await world.carry(
    createConsignment({
      to: [{ notify: ["success", "failure"], originalRecipient: "rfc822;anna@old.test" }],
      message: { envelopeId: "QQ 1+1", returnContent: "headers" },
    }),
  );
  assert.equal(outcome?.kind === "delivered" && outcome.canNotify, true);
  assert.equal(remote.messages[0]?.mail, "MAIL FROM:<me@golub.test> RET=HDRS ENVID=QQ+201+2B1");
  assert.deepEqual(remote.messages[0]?.rcpts, [
    "RCPT TO:<ana@remote.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;anna@old.test",
  ]);
});

test("NOTIFY=NEVER is passed on, and nothing is when the sender left it open", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", { extensions: ["DSN"] });
  await world.carry(createConsignment({ to: [{ notify: [] }, "bo@remote.test"] }));
  assert.deepEqual(remote.messages[0]?.rcpts, [
    "RCPT TO:<ana@remote.test> NOTIFY=NEVER",
    "RCPT TO:<bo@remote.test>",
  ]);
});

test("a message that is too large for the server fails without being sent (RFC 1870 §6.1)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", { extensions: ["SIZE 10"] });
  const [outcome] = await world.carry(createConsignment());
  assert.equal(show(outcome), "failed 0 5.3.4 message of 23 bytes; the server takes 10");
  assert.ok(!remote.sessions[0]?.lines.some((line) => line.startsWith("MAIL")));
});

test("8-bit text needs 8BITMIME only when there is some (RFC 6152 §3)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote();
  const message = { bodyKind: "8bitmime" as const };
  const [plain] = await world.carry(createConsignment({ message }));
  assert.equal(plain?.kind, "delivered");
  const mime = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-2\r\n";
  await world.carry(createConsignment({ message, content: `${mime}\r\n\xe8\r\n` }));
  const encoding = "Content-Transfer-Encoding: quoted-printable\r\n";
  assert.equal(remote.messages[1]?.content, `${encoding}${mime}\r\n=E8\r\n`);
  const [raw] = await world.carry(createConsignment({ message, content: "A: b\r\n\r\n\xe8\r\n" }));
  assert.match(show(raw), /^failed 0 5\.6\.3 /);
  assert.equal(remote.messages.length, 2);
});

test("a binary message goes by BDAT, byte for byte (RFC 3030 §3)", async () => {
  const world = createCourierWorld();
  const remote = await world.remote("192.0.2.1", {
    extensions: ["PIPELINING", "CHUNKING", "BINARYMIME", "8BITMIME"],
  });
  const content = "A: b\r\n\r\n.\r\n\0\n\r.\xff";
  await world.carry(createConsignment({ content, message: { bodyKind: "binarymime" } }));
  assert.equal(remote.messages[0]?.content, content);
  assert.equal(remote.messages[0]?.mail, "MAIL FROM:<me@golub.test> BODY=BINARYMIME");
  assert.equal(
    remote.sessions[0]?.lines.find((line) => line.startsWith("BDAT")),
    "BDAT 16 LAST",
  );
});

test("SMTPUTF8 is used where it is offered, and its lack is told to whom it concerns (RFC 6531 §3.2)", async () => {
  const world = createCourierWorld();
  const to = ["žana@remote.test", "ana@remote.test"];
  const remote = await world.remote();
  const without = await world.carry(createConsignment({ to }));
  assert.match(show(without[0]), /^failed 0 5\.6\.7 /);
  assert.match(show(without[1]), /^delivered/);
  const header = createConsignment({
    content: "Subject: \xc5\xbe\r\n\r\n",
    message: { needsSmtpUtf8: true },
  });
  assert.match(show((await world.carry(header))[0]), /^failed 0 5\.6\.9 /);

  const able = createCourierWorld();
  const other = await able.remote("192.0.2.1", { extensions: ["SMTPUTF8"] });
  await able.carry(createConsignment({ to }));
  assert.equal(other.messages[0]?.mail, "MAIL FROM:<me@golub.test> SMTPUTF8");
  assert.equal(other.messages[0]?.rcpts[0], "RCPT TO:<žana@remote.test>");
  assert.equal(remote.messages[0]?.mail, "MAIL FROM:<me@golub.test>");
});

test("an exchange that cannot be reached is tried after the others for a while", async () => {
  const asked: string[] = [];
  const world = createCourierWorld({
    zone: {
      mx: {
        "remote.test": [
          { preference: 10, exchange: "dead.test" },
          { preference: 20, exchange: "alive.test" },
        ],
      },
      a: { "dead.test": ["192.0.2.1"], "alive.test": ["192.0.2.2"] },
    },
    courier: { limits: { idleTimeoutMs: 1000 } },
    link: (_, { address }) => {
      asked.push(address);
      return address === "192.0.2.1" ? { obstacle: "silent" } : {};
    },
  });
  await world.remote("192.0.2.2");
  for (const waitMs of [60_000, 10 * 60_000, 0]) {
    const [outcome] = await world.carry(createConsignment());
    assert.equal(outcome?.kind, "delivered");
    await world.clock.advance(waitMs);
  }
  assert.deepEqual(asked, ["192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.1", "192.0.2.2"]);
});
