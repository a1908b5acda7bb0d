import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type AccountId, journeyId, messageId } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import type { Batch } from "../batch.ts";
import type { StagedBlob } from "../blobs.ts";
import { ManualClock, add, inbox, makeAccount, startMs } from "../contract-fixtures.ts";
import { openEmbeddedStore } from "../embedded/open-embedded-store.ts";
import type { Store } from "../store.ts";
import { testDatabases } from "./database-fixture.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

/**
 * Deliveries per second and reads of a mailbox, PostgreSQL beside the embedded engine:
 * `GOLUB_POSTGRES=postgres://… node src/store/postgres/postgres.bench.ts [deliveries]`, on a server
 * that flushes. One JSON line per figure.
 */
const count = Number(process.argv[2] ?? 10_000);
const accountCount = 100;

/** The real monotonic time, which groups are bounded by. */
class BenchClock extends ManualClock {
  override monotonicMs(): number {
    return performance.now();
  }
}

const ports = { clock: new BenchClock(), random: seededRandom(1), log: silentLog };
const folder = await mkdtemp(path.join(tmpdir(), "golub-bench-"));
const databases = testDatabases();
const url = await databases.make();
const engines = {
  embedded: await openEmbeddedStore({ ...ports, folder }),
  postgres: await openPostgresStore({ ...ports, url, serverName: "bench" }),
};
for (const [name, store] of Object.entries(engines)) {
  const accounts: AccountId[] = [];
  for (let n = 0; n < accountCount; n++) accounts.push(await makeAccount(store, `u${n}`));
  for (const atOnce of [1, 10, 100]) {
    await deliver(name, store, accounts, atOnce, atOnce === 1 ? count / 10 : count);
  }
  await readMailbox(name, store, await makeAccount(store, "reader"));
  await wait(500);
}
await engines.embedded.close();
await engines.postgres.close();
await databases.remove(url);
await rm(folder, { recursive: true });

async function deliver(
  name: string,
  store: Store,
  accounts: readonly AccountId[],
  atOnce: number,
  wanted: number,
): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < wanted) {
      const number = next++;
      const body = Buffer.alloc(4096, "a line of a message of ordinary words\r\n");
      body.writeUInt32LE(number + atOnce * 1_000_000);
      const account = accounts[number % accounts.length];
      if (account === undefined) throw new Error("there are accounts");
      await store.apply(batchOf(number, account, await store.blobs.put([body])));
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: atOnce }, client));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  report(`${name}: deliveries, ${atOnce} at once`, {
    perSecond: Math.round(wanted / seconds),
    cpuUsEach: Math.round((user + system) / wanted),
  });
}

function batchOf(number: number, account: AccountId, blob: StagedBlob): Batch {
  const journey = journeyId(String(number * 7919).padStart(20, "j"));
  const text = "lorem ipsum dolor sit amet consectetur ".repeat(80);
  const messageIdHeader = `message-${number}@example.org`;
  const change = add(account, inbox, {
    facts: {
      envelope: `("Mon, 23 Nov 2026 07:00:00 +0000" "Subject ${number}" (("Ana" NIL "ana" "example.org")) NIL NIL NIL (("Boris" NIL "boris" "example.org")) NIL NIL "<${messageIdHeader}>")`,
      messageIdHeader,
      preview: text.slice(0, 200),
      references: number % 3 === 0 ? [`message-${number - 100}@example.org`] : [],
      searchHeaders: text.slice(0, 200),
      searchBody: `${text} ${number}`,
    },
  });
  const prefix = Buffer.from("Return-Path: <ana@example.org>\r\nReceived: from mx by us; Mon\r\n");
  return {
    actor: "smtp",
    atMs: startMs,
    changes: [
      { ...change, message: { ...change.message, blob, prefix, journey } },
      {
        kind: "journey.append",
        journey,
        messageIdHeader,
        addresses: [`u${account}@example.org`, "ana@example.org"],
        steps: [{ atMs: startMs, kind: "delivery.stored", facts: { mailbox: "INBOX" } }],
      },
    ],
  };
}

async function readMailbox(name: string, store: Store, account: AccountId): Promise<void> {
  for (let number = 0; number < count;) {
    const group = [];
    for (const end = number + 500; number < end; number++) {
      const blob = await store.blobs.put([Buffer.from(String(number))]);
      group.push(store.apply(batchOf(number, account, blob)));
    }
    await Promise.all(group);
  }
  const loadMs = [];
  for (let turn = 0; turn < 5; turn++) {
    const start = performance.now();
    await store.mail.loadMailbox(account, inbox);
    loadMs.push(round(performance.now() - start));
  }
  report(`${name}: loadMailbox of ${count}, first and later`, { ms: loadMs.join(" ") });
  for (const field of ["envelope", "body", "search"] as const) {
    const start = performance.now();
    for (let first = 1; first <= count; first += 1000) {
      const ids = Array.from({ length: 1000 }, (_, index) => messageId(first + index));
      await store.mail.messages(account, ids, [field]);
    }
    report(`${name}: messages of ${count}, ${field}`, { ms: round(performance.now() - start) });
  }
  const start = performance.now();
  for (let one = 1; one <= 1000; one++) {
    await store.mail.messages(account, [messageId(one)], ["envelope", "body"]);
  }
  report(`${name}: 1,000 messages one by one`, { ms: round(performance.now() - start) });
}

function report(figure: string, values: Readonly<Record<string, number | string>>): void {
  process.stdout.write(`${JSON.stringify({ figure, ...values })}\n`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
