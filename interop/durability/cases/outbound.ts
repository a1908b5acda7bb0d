import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";

import { openImap, openSmtp } from "../../mail-talk.ts";
import type { Talk } from "../../talk.ts";
import { until } from "../../world.ts";
import type { DurabilityCase, House } from "../durability-case.ts";
import { startSink } from "../sink.ts";
import type { Sink } from "../sink.ts";

const roundCount = 5;
const messagesPerRound = 60;
/** What was sent longer than this before a kill must have been settled by then. */
const settleMsMax = 1000;

export const outboundCases: readonly DurabilityCase[] = [
  {
    name: "outbound: kill -9 while sending loses no recipient and bounces each refusal once",
    async run(house) {
      const sink = await startSink();
      try {
        return await killWhileSending(house, sink);
      } finally {
        await sink.close();
      }
    },
  },
];

async function killWhileSending(house: House, sink: Sink): Promise<string> {
  const options = [
    ...["--route", `sink.test=127.0.0.1:${sink.port}`, "--set", "queue.retryAfter=1 s"],
    // One account sends all of it, to recipients that are new to it.
    ...["messagesPerHourMax", "newRecipientsPerHourMax", "newRecipientsPerDayMax"].flatMap(
      (name) => ["--set", `limits.${name}=0`],
    ),
  ];
  const accepted: string[] = [];
  const killedMs: number[] = [];
  for (let round = 0; round < roundCount; round++) {
    const server = await house.start(options);
    const submitted = submit(server.port("submission"), house, { round, accepted });
    await wait(300 + Math.random() * 700);
    killedMs.push(performance.now());
    await server.end("SIGKILL");
    await submitted;
  }
  const server = await house.start(options);
  const wanted = accepted.flatMap((token) => [`one-${token}`, `two-${token}`]);
  await until(
    "delivery to everybody",
    async () => {
      const have = new Set(sink.received.map(({ recipient }) => recipient.split("@")[0]));
      return wanted.every((name) => have.has(name)) || undefined;
    },
    30_000,
  );
  const refusals = accepted.filter(hasRefusal).map((token) => `refused-${token}@sink.test`);
  const port = server.port("imap");
  const imap = await openImap(port, house.ana);
  await until(
    "a bounce for each refusal",
    async () => ((await bounced(imap)).length >= refusals.length ? true : undefined),
    30_000,
  );
  const { duplicateCount } = judgeDuplicates(sink, killedMs);
  // Nothing more may come once everything is settled.
  const beforeCount = sink.received.length;
  await wait(2500);
  assert.equal(sink.received.length, beforeCount);
  const recipients = await bounced(imap);
  imap.destroy();
  for (const refused of refusals) {
    const count = recipients.filter((each) => each === refused).length;
    assert.equal(count, 1, `${refused} bounced ${count} times`);
  }
  assert.equal(new Set(recipients).size, recipients.length, "a refusal bounced twice");
  assert.ok(wanted.length > 20, "too little was accepted to tell");
  return (
    `${wanted.length} recipients in ${roundCount} rounds, all delivered, ` +
    `${duplicateCount} twice, ${refusals.length} bounced once`
  );
}

/** Whether one recipient of this message is refused by the sink. */
function hasRefusal(token: string): boolean {
  return token.endsWith("0") || token.endsWith("5");
}

async function submit(
  port: number,
  { ana }: House,
  work: { readonly round: number; readonly accepted: string[] },
): Promise<void> {
  try {
    const smtp = await openSmtp(port);
    const plain = Buffer.from(`\0${ana.address}\0${ana.password}`).toString("base64");
    assert.match(await smtp.ask(`AUTH PLAIN ${plain}`), /^235/);
    for (let count = 0; count < messagesPerRound; count++) {
      const token = `${work.round}x${count}`;
      await submitOne(smtp, ana.address, token);
      work.accepted.push(token);
    }
    smtp.destroy();
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    // The server was killed; what had no 250 is not counted on.
  }
}

async function submitOne(smtp: Talk, from: string, token: string): Promise<void> {
  const names = ["one", "two", ...(hasRefusal(token) ? ["refused"] : [])];
  assert.match(await smtp.ask(`MAIL FROM:<${from}>`), /^250/);
  for (const name of names) {
    assert.match(await smtp.ask(`RCPT TO:<${name}-${token}@sink.test>`), /^250/);
  }
  assert.match(await smtp.ask("DATA"), /^354/);
  const message = `From: ${from}\r\nSubject: token ${token} end\r\n\r\nHello.\r\n.`;
  assert.match(await smtp.ask(message), /^250/);
}

/** @throws Error when something came twice that was settled long before a kill. */
function judgeDuplicates(
  sink: Sink,
  killedMs: readonly number[],
): { readonly duplicateCount: number } {
  const last = new Map<string, number>();
  let duplicateCount = 0;
  for (const { recipient, atMs } of sink.received) {
    const before = last.get(recipient);
    last.set(recipient, atMs);
    if (before === undefined) continue;
    duplicateCount++;
    const isExcused = killedMs.some((kill) => kill >= before && kill - before < settleMsMax);
    assert.ok(isExcused, `${recipient} came twice without a kill soon after the first time`);
  }
  return { duplicateCount };
}

/** Recipients named in the notices in the sender's mailbox, with repetitions. */
async function bounced(imap: Talk): Promise<readonly string[]> {
  await imap.imap("SELECT INBOX");
  const text = await imap.imap("FETCH 1:* BODY.PEEK[]");
  return [...text.matchAll(/^Final-Recipient: rfc822; ?(\S+)/gim)].map(
    ([, address = ""]) => address,
  );
}
