import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import type { Level, LogFacts } from "../base/log.ts";
import { converse } from "./conversation.ts";
import type { Dialect } from "./conversation.ts";
import { defineRow, tableOf } from "./rows.ts";
import { Sessions } from "./sessions.ts";
import { readAll, wireFixture } from "./wire-fixture.ts";
import type { Wire } from "./wire.ts";
import { lineText } from "./wire.ts";

/** A toy protocol: HELLO once, then COUNT as often as one likes, SECRET in private, BYE. */
interface Toy {
  readonly wire: Wire;
  phase: "new" | "known" | "over";
  isPrivate: boolean;
}

const rows = tableOf([
  defineRow<Toy, string, string>({
    verb: "HELLO",
    rfc: "none",
    phases: ["new"],
    parse(input) {
      if (input === "") throw new Refusal("syntax", "HELLO needs a name.");
      return input;
    },
    permit: (_toy, name) =>
      name === "mallory" ? new Refusal("notPermitted", "Not you.") : undefined,
    run(toy, name) {
      toy.phase = "known";
      void toy.wire.write(`hello ${name}\n`);
    },
  }),
  defineRow<Toy, string, string>({
    verb: "COUNT",
    rfc: "none",
    phases: ["known"],
    parse: (input) => input,
    run: (toy, text) => void toy.wire.write(`${text.length}\n`),
  }),
  defineRow<Toy, string, undefined>({
    verb: "SECRET",
    rfc: "none",
    phases: ["new", "known"],
    tls: true,
    parse: () => undefined,
    run: (toy) => void toy.wire.write("psst\n"),
  }),
  defineRow<Toy, string, undefined>({
    verb: "CRASH",
    rfc: "none",
    phases: ["new", "known"],
    parse: () => undefined,
    run() {
      throw new TypeError("undefined is not a function");
    },
  }),
  defineRow<Toy, string, undefined>({
    verb: "SLOW",
    rfc: "none",
    phases: ["new", "known"],
    parse: () => undefined,
    async run(toy) {
      await toy.wire.readExactly(3, 60_000);
      void toy.wire.write("slow is done\n");
    },
  }),
  defineRow<Toy, string, undefined>({
    verb: "BYE",
    rfc: "none",
    phases: ["new", "known"],
    parse: () => undefined,
    run(toy) {
      toy.phase = "over";
      void toy.wire.write("bye\n");
    },
  }),
]);

const dialect: Dialect<Toy, string> = {
  name: "toy",
  rows,
  errorsMax: 4,
  async read({ wire }) {
    const line = await wire.readLine({ bytesMax: 100, timeoutMs: 60_000, allowBareLf: true });
    if (line === undefined) return undefined;
    const [verb = "", ...rest] = lineText(line).split(" ");
    return { verb: verb.toUpperCase(), input: rest.join(" ") };
  },
  phase: (toy) => toy.phase,
  isPrivate: (toy) => toy.isPrivate,
  refuse: ({ wire }, refusal, command) =>
    void wire.write(`no ${command?.verb ?? "?"} ${refusal.reason}: ${refusal.text}\n`),
  farewell: ({ wire }, refusal) => void wire.write(`farewell ${refusal.reason}\n`),
  isOver: (toy) => toy.phase === "over",
};

async function talk() {
  const { wire, peer, clock } = await wireFixture();
  const events: { level: Level; event: string; facts: LogFacts }[] = [];
  const log = {
    write: (level: Level, event: string, facts: LogFacts = {}) =>
      void events.push({ level, event, facts }),
  };
  const toy: Toy = { wire, phase: "new", isPrivate: false };
  const sessions = new Sessions();
  const done = converse(wire, toy, dialect, log, { sessions });
  /** Says the lines, and returns all that is answered until the end. */
  const say = async (text: string): Promise<string> => {
    void peer.write(text);
    const answers = await readAll(peer);
    void peer.end();
    await done;
    return answers;
  };
  return { toy, peer, clock, sessions, events, done, say };
}

test("commands are answered in order, each in its phase", async () => {
  const { say } = await talk();
  assert.equal(
    await say("count x\nhello ana\nHELLO ana\ncount four\nbye\ncount never\n"),
    "no COUNT badState: COUNT is not possible now.\n" +
      "hello ana\nno HELLO badState: HELLO is not possible now.\n4\nbye\n",
  );
});

test("what is malformed, not permitted, unknown or too open is refused with its reason", async () => {
  const { say } = await talk();
  assert.equal(
    await say("hello\nhello mallory\nsecret\nbye\n"),
    "no HELLO syntax: HELLO needs a name.\nno HELLO notPermitted: Not you.\n" +
      "no SECRET tlsRequired: Use TLS first.\nbye\n",
  );
  const open = await talk();
  open.toy.isPrivate = true;
  assert.equal(
    await open.say("secret\n__proto__\ntoString\nbye\n"),
    "psst\nno __PROTO__ unsupported: Unknown command.\n" +
      "no TOSTRING unsupported: Unknown command.\nbye\n",
  );
});

test("a client that only makes errors is shown the door", async () => {
  const { say } = await talk();
  const answers = await say("x\n".repeat(10));
  assert.equal(answers.split("\n").filter((line) => line.startsWith("no X")).length, 4);
  assert.match(answers, /farewell tooManyErrors\n$/);
});

test("a client that makes an error now and then may stay: sessions last for days", async () => {
  const { say } = await talk();
  const answers = await say(`hello ana\n${"x\nx\nx\ncount one\n".repeat(5)}bye\n`);
  assert.equal(answers.split("\n").filter((line) => line.startsWith("no X")).length, 15);
  assert.match(answers, /bye\n$/);
});

test("a line that is too long counts as an error and the next command is found", async () => {
  const { say } = await talk();
  assert.equal(await say(`${"x".repeat(500)}\nbye\n`), "no ? tooLong: Line too long.\nbye\n");
});

test("a bug shows a reference and nothing else, and the log has both", async () => {
  const { say, events } = await talk();
  const answers = await say("crash\nbye\n");
  const reference = /reference ([0-9A-Z]{8})\./.exec(answers)?.[1];
  assert.ok(reference !== undefined && !answers.includes("undefined is not"));
  assert.match(answers, /bye\n$/);
  const [bug] = events;
  assert.equal(bug?.event, "protocol.bug");
  assert.equal(bug.facts.reference, reference);
  assert.match(String(bug.facts.detail), /undefined is not a function/);
});

test("another protocol's words end the connection without an answer", async () => {
  for (const text of ["GET / HTTP/1.1\nHost: x\n\n", "POST /x HTTP/1.0\n", "CONNECT a:25\n"]) {
    const { say, events } = await talk();
    assert.match(await say(text), /^(<broken>)?$/);
    assert.equal(events[0]?.event, "protocol.foreignVerb");
  }
});

test("silence ends the session with a farewell", async () => {
  const { peer, clock, done } = await talk();
  const answers = readAll(peer);
  await clock.advance(60_000);
  await clock.run(done);
  assert.match(await answers, /^farewell timeout\n/);
});

test("a peer that goes away ends the session without noise", async () => {
  const { peer, done, events, sessions } = await talk();
  peer.destroy();
  await done;
  assert.deepEqual(events, []);
  assert.equal(sessions.count, 0);
});

test("shutting down tells whoever waits, and lets a command that runs finish", async () => {
  const waiting = await talk();
  await waiting.clock.settle();
  const answers = readAll(waiting.peer).finally(() => void waiting.peer.end());
  await waiting.clock.run(waiting.sessions.end(waiting.clock, 10_000));
  assert.equal(await answers, "farewell shuttingDown\n");

  const busy = await talk();
  void busy.peer.write("slow\n");
  await busy.clock.settle();
  const ending = busy.sessions.end(busy.clock, 10_000);
  await busy.clock.settle();
  void busy.peer.write("abc");
  const finished = readAll(busy.peer).finally(() => void busy.peer.end());
  await busy.clock.run(ending);
  assert.equal(await finished, "slow is done\nfarewell shuttingDown\n");
});

test("shutting down cuts off who does not finish in time, and who comes late", async () => {
  const { peer, clock, sessions, done } = await talk();
  void peer.write("slow\n");
  await clock.settle();
  await clock.run(sessions.end(clock, 10_000));
  assert.match(await readAll(peer), /<broken>$/);
  await done;
  const { wire } = await wireFixture();
  using _late = sessions.enter(wire);
  await assert.rejects(
    wire.readLine({ bytesMax: 9, timeoutMs: 9, allowBareLf: true }),
    (error) => error instanceof Refusal && error.reason === "shuttingDown",
  );
});
