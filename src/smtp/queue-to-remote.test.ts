import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1 } from "../base/bytes.ts";
import { journeyId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { createMemoryNetwork } from "../net/memory-network.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import type { Notice } from "../queue/notice.ts";
import { createQueue } from "../queue/queue.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { MemoryDisk } from "../store/memory/memory-disk.ts";
import { startScriptedRemote, type Action } from "./client/remote-fixture.ts";
import { createFakeResolver } from "./client/resolver-fixture.ts";
import { createSmtpCourier } from "./smtp-courier.ts";

const hour = 3_600_000;
const messageCount = 12;

const mishaps: readonly (Action | undefined)[] = [
  { kind: "cut" },
  { kind: "silence" },
  { kind: "raw", text: "what?\r\n" },
  "451 4.3.0 later",
  "550 5.7.1 never",
  "421 4.3.2 going down",
];

/**
 * A queue with the real courier sends messages to three recipients each through remotes that fail
 * at random, while its process is killed at random moments.
 */
async function play(seed: number) {
  const random = seededRandom(seed);
  const clock = createVirtualClock();
  const disk = new MemoryDisk();
  const latency = seededRandom(seed + 1);
  const link = () => ({ latencyMs: 1 + Math.floor(40 * latency.fraction()) });
  const network = createMemoryNetwork({ clock, random: seededRandom(seed + 2), link });
  const told: Notice[] = [];
  const mishap = (odds: number) => () =>
    random.fraction() < odds ? mishaps[Math.floor(random.fraction() * mishaps.length)] : undefined;
  const remotes = await Promise.all(
    ["one", "two"].map((name, at) =>
      startScriptedRemote({
        network: network.host(`192.0.2.${at + 1}`),
        name: `mx.${name}.test`,
        extensions: at === 0 ? ["PIPELINING"] : [],
        certificate: [`mx.${name}.test`],
        script: {
          greeting: mishap(0.1),
          EHLO: mishap(0.05),
          STARTTLS: mishap(0.1),
          MAIL: mishap(0.1),
          RCPT: mishap(0.1),
          DATA: mishap(0.1),
          ".": mishap(0.2),
          RSET: mishap(0.1),
        },
      }),
    ),
  );
  const start = () => {
    const store = createMemoryStore({ clock, disk });
    const courier = createSmtpCourier({
      network: network.host("203.0.113.9"),
      resolver: createFakeResolver({ a: { "one.test": ["192.0.2.1"], "two.test": ["192.0.2.2"] } }),
      clock,
      random,
      log: silentLog,
      hostName: "mail.golub.test",
    });
    const queue = createQueue({
      store,
      courier,
      clock,
      random,
      log: silentLog,
      hostName: "mail.golub.test",
      settings: { pollMs: hour },
      keepNotice: async (notice) => {
        told.push(notice);
        return [{ kind: "journey.append", journey: notice.journey, steps: [] }];
      },
    });
    queue.start();
    return { store, queue, courier };
  };
  let server = start();
  const killed: Promise<void>[] = [];
  for (let number = 0; number < messageCount; number++) {
    const blob = await server.store.blobs.put([fromLatin1(`Subject: ${number}\r\n\r\n.\r\n`)]);
    const recipients = ["a@one.test", "b@one.test", "c@two.test"].map((address) => ({
      address,
      destination: address.slice(2),
      notify: ["failure" as const],
    }));
    const message = {
      sender: `sender${number}@golub.test`,
      returnContent: "headers" as const,
      needsSmtpUtf8: false,
      bodyKind: "7bit" as const,
      prefix: new Uint8Array(),
      expiresAtMs: clock.now() + 5 * 24 * hour,
      journey: journeyId(`journey ${number}`),
    };
    const atMs = clock.now();
    await server.store.apply({
      actor: "test",
      atMs,
      changes: [{ kind: "queue.add", message, blob, recipients, dueAtMs: atMs }],
    });
    await clock.advance(Math.floor(random.fraction() * 100));
    if (random.fraction() < 0.3) {
      server.store.crash();
      // The process is gone; here its timers have to be told.
      killed.push(server.queue.stop(0));
      network.crash("203.0.113.9");
      server = start();
    }
  }
  await clock.advance(6 * 24 * hour);
  await Promise.all(killed);
  return { clock, server, remotes, told };
}

test("whatever happens, every recipient gets the message or its sender a notice", async () => {
  for (let seed = 0; seed < 3; seed++) {
    const { clock, server, remotes, told } = await play(seed);
    const { queue, store, courier } = server;
    assert.deepEqual(await store.queue.counts(), { messages: 0, recipients: 0 }, `seed ${seed}`);
    const notices = told.map(({ recipient, parts }) => ({
      recipient,
      text: parts.map((part) => Buffer.from(part).toString()).join(""),
    }));
    for (let number = 0; number < messageCount; number++) {
      for (const address of ["a@one.test", "b@one.test", "c@two.test"]) {
        const copies = remotes
          .flatMap(({ messages }) => messages)
          .filter(({ content }) => content.startsWith(`Subject: ${number}\r\n\r\n.\r\n`))
          .filter(({ rcpts }) => rcpts.includes(`RCPT TO:<${address}>`));
        const isTold = notices.some(
          ({ recipient, text }) =>
            recipient === `sender${number}@golub.test` &&
            text.includes(`Final-Recipient: rfc822; ${address}`),
        );
        assert.ok(copies.length > 0 || isTold, `seed ${seed}: ${number} to ${address} is lost`);
      }
    }
    await clock.run(queue.stop(1000));
    await clock.run(courier.close());
    assert.equal(clock.timerCount, 0, `seed ${seed}: timers are left`);
  }
});
