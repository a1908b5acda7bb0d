import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";

import type { PrivatePostgres } from "../../tools/testing/private-postgres.ts";
import { expectKept, nothingSent, startLoad } from "../durability/load.ts";
import { readMailbox, tokensIn } from "../durability/read-mailbox.ts";
import { startSink } from "../durability/sink.ts";
import { append, openImap, openSmtp, sendMessage } from "../mail-talk.ts";
import { until } from "../world.ts";
import type { SharedHouse } from "./shared-house.ts";

export interface SharedCase {
  readonly name: string;
  /** @returns what was counted, for the report. */
  run(house: SharedHouse, postgres: PrivatePostgres): Promise<string>;
}

/** RFC 2177: how long a change at one server may take to an IDLE at the other. */
const idleMsMax = 50;

export const twoServerCases: readonly SharedCase[] = [
  { name: "two servers: IDLE on one hears delivery through the other", run: idleAcross },
  { name: "two servers: flags, moves and expunges agree", run: agree },
  { name: "two servers: kill -9 of either under load loses and doubles nothing", run: killEither },
  { name: "two servers: a shared queue delivers to each recipient once", run: shareQueue },
  { name: "two servers: PostgreSQL restarts under load and all resume", run: restartDatabase },
];

async function idleAcross(house: SharedHouse): Promise<string> {
  const one = await house.startOne(0);
  const two = await house.startOne(1);
  const idle = await openImap(one.port("imap"), house.ana);
  await idle.imap("SELECT INBOX");
  await idle.send("t IDLE\r\n");
  assert.match(await idle.line(), /^\+/);
  const smtp = await openSmtp(two.port("smtp"));
  const times: number[] = [];
  for (let count = 1; count <= 20; count++) {
    const heard = idle.linesTo(new RegExp(`^\\* ${count} EXISTS`)).then(() => performance.now());
    const envelope = { from: "a@elsewhere.test", to: house.ana.address };
    assert.match(await sendMessage(smtp, envelope, `Subject: ${count}\r\n\r\nx`), /^250/);
    const answeredMs = performance.now();
    times.push(Math.max(0, (await heard) - answeredMs));
  }
  idle.destroy();
  smtp.destroy();
  times.sort((a, b) => a - b);
  const [median = Infinity, worst = Infinity] = [times[10], times.at(-1)];
  assert.ok(median < idleMsMax, `median ${median} ms`);
  assert.ok(worst < idleMsMax * 4, `worst ${worst} ms`);
  return `20 messages, median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms after the 250`;
}

async function agree(house: SharedHouse): Promise<string> {
  const one = await openImap((await house.startOne(0)).port("imap"), house.ana);
  const two = await openImap((await house.startOne(1)).port("imap"), house.ana);
  assert.match(await one.imap("CREATE Elsewhere"), /^t OK/m);
  for (let count = 1; count <= 6; count++) {
    assert.match(await append(one, "INBOX", `Subject: m${count}\r\n\r\nx`), /^t OK/);
  }
  await two.imap("SELECT INBOX");
  await one.imap("SELECT INBOX");
  assert.match(await two.imap("UID STORE 1:2 +FLAGS (\\Flagged $Seen-by-two)"), /^t OK/m);
  assert.match(await one.imap("UID STORE 2 -FLAGS (\\Flagged)"), /^t OK/m);
  assert.match(await one.imap("UID MOVE 3 Elsewhere"), /^t OK/m);
  assert.match(await two.imap("UID STORE 4 +FLAGS (\\Deleted)"), /^t OK/m);
  assert.match(await two.imap("UID EXPUNGE 4"), /^t OK/m);
  const flagsOf = async (talk: typeof one) => {
    await talk.imap("NOOP");
    const answer = await talk.imap("UID FETCH 1:* (FLAGS)");
    return [...answer.matchAll(/FETCH \((?:UID (\d+) )?FLAGS \(([^)]*)\)(?: UID (\d+))?/g)].map(
      ([, before, flags = "", after]) =>
        `${before ?? after}: ${flags.split(" ").filter(isNotRecent).sort().join(" ")}`,
    );
  };
  const seen = await until("both show the same", async () => {
    const [a, b] = [await flagsOf(one), await flagsOf(two)];
    return a.join() === b.join() ? a : undefined;
  });
  assert.deepEqual(seen, ["1: $Seen-by-two \\Flagged", "2: $Seen-by-two", "5: ", "6: "]);
  const moved = await two.imap("STATUS Elsewhere (MESSAGES UIDNEXT)");
  assert.match(moved, /MESSAGES 1\b/);
  one.destroy();
  two.destroy();
  return "six messages, changed from both sides";
}

const isNotRecent = (flag: string): boolean => flag !== "\\Recent";

async function killEither(house: SharedHouse): Promise<string> {
  const sent = nothingSent();
  const servers = [await house.startOne(0), await house.startOne(1)];
  for (let round = 0; round < 6; round++) {
    const victim = round % 2;
    const loads = servers.map((server, index) =>
      startLoad(
        {
          ...{ port: server.port("smtp"), to: house.ana.address, senderCount: 10 },
          ...{ prefix: `${round}-${index}`, bodyBytes: round % 3 === 0 ? 100_000 : 1000 },
        },
        sent,
      ),
    );
    await wait(300 + Math.random() * 500);
    await servers[victim]?.end("SIGKILL");
    // The other goes on as if nothing had happened.
    await wait(300);
    for (const load of loads) load.stop();
    await Promise.all(loads.map((load) => load.done));
    const survivor = servers[1 - victim];
    assert.ok(survivor?.isRunning, "the other server runs");
    expectKept(sent, tokensIn(await readMailbox(survivor.port("imap"), house.ana)));
    servers[victim] = await house.startOne(victim);
  }
  const views = await Promise.all(
    servers.map((server) => readMailbox(server.port("imap"), house.ana)),
  );
  assert.deepEqual(views[0], views[1]);
  return `6 rounds: ${expectKept(sent, tokensIn(views[0]))}`;
}

async function shareQueue(house: SharedHouse): Promise<string> {
  const sink = await startSink();
  try {
    const options = ["--route", `sink.test=127.0.0.1:${sink.port}`];
    const servers = [await house.startOne(0, options), await house.startOne(1, options)];
    const count = 40;
    await Promise.all(
      servers.map(async (server, index) => {
        const smtp = await openSmtp(server.port("submission"));
        const { address, password } = house.ana;
        const plain = Buffer.from(`\0${address}\0${password}`).toString("base64");
        assert.match(await smtp.ask(`AUTH PLAIN ${plain}`), /^235/);
        for (let number = 0; number < count; number++) {
          const envelope = { from: address, to: `to-${index}-${number}@sink.test` };
          const message = `From: ${address}\r\nSubject: ${number}\r\n\r\nx`;
          assert.match(await sendMessage(smtp, envelope, message), /^250/);
        }
        smtp.destroy();
      }),
    );
    await until("delivery to everybody", async () =>
      new Set(sink.received.map(({ recipient }) => recipient)).size === count * 2
        ? true
        : undefined,
    );
    await wait(1500);
    assert.equal(sink.received.length, count * 2, "somebody got a message twice");
    return `${count * 2} recipients, each once`;
  } finally {
    await sink.close();
  }
}

async function restartDatabase(house: SharedHouse, postgres: PrivatePostgres): Promise<string> {
  const sent = nothingSent();
  const servers = [await house.startOne(0), await house.startOne(1)];
  const watching = await Promise.all(
    servers.map((server) => openImap(server.port("imap"), house.ana)),
  );
  for (const talk of watching) await talk.imap("SELECT INBOX");
  for (const [round, mode] of (["fast", "immediate", "immediate"] as const).entries()) {
    const loads = servers.map((server, index) =>
      startLoad(
        {
          ...{ port: server.port("smtp"), to: house.ana.address, senderCount: 10 },
          ...{ prefix: `${round}-${index}` },
        },
        sent,
      ),
    );
    await wait(500);
    postgres.stop(mode);
    await wait(400);
    postgres.start();
    await wait(1500);
    for (const load of loads) load.stop();
    await Promise.all(loads.map((load) => load.done));
  }
  for (const [, reply] of sent.refused) assert.match(reply, /^4/, "a refusal is temporary");
  for (const [index, talk] of watching.entries()) {
    assert.match(await talk.imap("NOOP"), /^t OK/m, "the session stays");
    assert.match(await talk.imap("UID SEARCH ALL"), /^t OK/m);
    assert.ok(servers[index]?.isRunning);
    talk.destroy();
  }
  const [one, two] = await Promise.all(
    servers.map((server) => readMailbox(server.port("imap"), house.ana)),
  );
  assert.deepEqual(one, two);
  const told = expectKept(sent, tokensIn(one));
  assert.ok(sent.acknowledged.size > 100, "too little was sent to tell");
  return `3 restarts: ${told}; ${sent.refused.size} told to come later`;
}
