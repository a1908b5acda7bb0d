import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { type AccountId, type JourneyId, journeyId, mailboxId, messageId } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import type { Applied, Batch } from "../batch.ts";
import { ManualClock, facts, makeAccount, startMs } from "../contract-fixtures.ts";
import { type EmbeddedStore, openEmbeddedStore } from "./open-embedded-store.ts";

/**
 * Deliveries per second and the delay of the event loop, with the engine on the main thread and
 * in a worker; reads of a mailbox of 100,000. One JSON line per figure. Run it by itself:
 * `node src/store/embedded/embedded.bench.ts [deliveries]`.
 */
const count = Number(process.argv[2] ?? 20_000);
const accountCount = 100;
const readCount = 100_000;

type Put = (parts: readonly Uint8Array[]) => ReturnType<EmbeddedStore["blobs"]["put"]>;
type Apply = (batch: Batch) => Promise<Applied>;

/** The real monotonic time, which groups are bounded by. */
class BenchClock extends ManualClock {
  override monotonicMs(): number {
    return performance.now();
  }
}

if (isMainThread) await main();
else await serve(String(workerData));

async function main(): Promise<void> {
  for (const [sizeBytes, atOnce] of [
    [4096, 1],
    [4096, 100],
    [4096, 500],
    [102_400, 100],
  ] as const) {
    const wanted = atOnce === 1 ? count / 10 : sizeBytes > 10_000 ? count / 5 : count;
    await inFolder((folder) => benchMain(folder, { sizeBytes, atOnce, wanted }));
    await inFolder((folder) => benchWorker(folder, { sizeBytes, atOnce, wanted }));
  }
  await inFolder(benchReads);
}

interface Load {
  readonly sizeBytes: number;
  readonly atOnce: number;
  readonly wanted: number;
}

async function benchMain(folder: string, load: Load): Promise<void> {
  const store = await open(folder);
  const accounts = await makeAccounts(store);
  await deliver("main", load, accounts, store.blobs.put.bind(store.blobs), store.apply);
  await store.close();
}

/** All batches of a turn of the loop go over in one message, and their answers come in one. */
async function benchWorker(folder: string, load: Load): Promise<void> {
  const store = await open(folder);
  const accounts = await makeAccounts(store);
  await store.close();
  const worker = new Worker(new URL(import.meta.url), { workerData: folder });
  const waiting = new Map<number, (applied: Applied) => void>();
  let outgoing: { readonly id: number; readonly batch: Batch }[] = [];
  let lastId = 0;
  worker.on("message", (answers: readonly { readonly id: number; readonly applied: Applied }[]) => {
    for (const { id, applied } of answers) waiting.get(id)?.(applied);
    for (const { id } of answers) waiting.delete(id);
  });
  const apply: Apply = (batch) =>
    new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      if (outgoing.push({ id, batch }) > 1) return;
      setImmediate(() => worker.postMessage(outgoing.splice(0)));
    });
  const stagedBy = await open(await mkdtemp(path.join(folder, "staging-")));
  const put: Put = async (parts) => {
    const staged = await stagedBy.blobs.put(parts);
    return { ...staged, inline: Buffer.concat(parts) };
  };
  await deliver("worker", load, accounts, put, apply);
  outgoing = [];
  await stagedBy.close();
  await worker.terminate();
}

async function serve(folder: string): Promise<void> {
  const store = await open(folder);
  let answers: { readonly id: number; readonly applied: Applied }[] = [];
  parentPort?.on("message", (asked: readonly { readonly id: number; readonly batch: Batch }[]) => {
    for (const { id, batch } of asked) {
      void store.apply(batch).then((applied) => {
        if (answers.push({ id, applied }) > 1) return;
        setImmediate(() => {
          parentPort?.postMessage(answers);
          answers = [];
        });
      });
    }
  });
}

async function deliver(
  where: string,
  { sizeBytes, atOnce, wanted }: Load,
  accounts: readonly AccountId[],
  put: Put,
  apply: Apply,
): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < wanted) {
      const number = next++;
      const body = Buffer.alloc(sizeBytes, "a line of a message of ordinary words\r\n");
      body.writeUInt32LE(number);
      const account = accounts[number % accounts.length];
      if (account === undefined) throw new Error("there are accounts");
      await apply(batchOf(number, account, await put([body])));
    }
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: atOnce }, client));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  report(`deliveries ${sizeBytes} B, ${atOnce} at once, ${where}`, {
    perSecond: Math.round(wanted / seconds),
    cpuUsEach: Math.round((user + system) / wanted),
    loopP50Ms: round(delay.percentile(50) / 1e6),
    loopP99Ms: round(delay.percentile(99) / 1e6),
  });
}

function batchOf(number: number, account: AccountId, blob: Awaited<ReturnType<Put>>): Batch {
  const journey: JourneyId = journeyId(String(number * 7919).padStart(20, "j"));
  const text = "lorem ipsum dolor sit amet consectetur ".repeat(80);
  const messageIdHeader = `message-${number}@example.org`;
  const envelope = `("Mon, 23 Nov 2026 07:00:00 +0000" "Subject ${number}" (("Ana" NIL "ana" "example.org")) NIL NIL NIL (("Boris" NIL "boris" "example.org")) NIL NIL "<${messageIdHeader}>")`;
  const stepFacts = { from: "192.0.2.1", hello: "mx.example.org", count: number };
  const message = {
    blob,
    prefix: Buffer.from("Return-Path: <ana@example.org>\r\nReceived: from mx by us; Mon\r\n"),
    journey,
    facts: facts({
      envelope,
      messageIdHeader,
      bodyStructure: '("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "8BIT" 3600 60 NIL NIL NIL NIL)',
      structure: '{"type":"text/plain","header":[0,400],"body":[400,4096]}',
      preview: text.slice(0, 200),
      references: number % 3 === 0 ? [`message-${number - 100}@example.org`] : [],
      searchHeaders: text.slice(0, 200),
      searchBody: `${text} ${number}`,
    }),
  };
  return {
    actor: "smtp",
    atMs: startMs,
    changes: [
      {
        kind: "mail.messageAdd",
        account,
        mailbox: mailboxId(1),
        message,
        flags: { system: 0, keywords: [] },
        internalDateMs: startMs,
        enforceQuota: true,
      },
      {
        kind: "journey.append",
        journey,
        messageIdHeader,
        addresses: [`u${account}@example.org`, "ana@example.org"],
        steps: [
          { atMs: startMs, kind: "smtp.connected", facts: stepFacts },
          { atMs: startMs, kind: "delivery.stored", facts: { mailbox: "INBOX" } },
        ],
      },
    ],
  };
}

async function benchReads(folder: string): Promise<void> {
  const filled = await open(folder);
  const ana = await makeAccount(filled);
  for (let number = 0; number < readCount;) {
    const group = [];
    for (const end = number + 500; number < end; number++) {
      const blob = await filled.blobs.put([Buffer.from(String(number))]);
      group.push(filled.apply(batchOf(number, ana, blob)));
    }
    await Promise.all(group);
  }
  await filled.close();
  const store = await open(folder);
  const inbox = mailboxId(1);
  const loadMs = [];
  for (let turn = 0; turn < 5; turn++) {
    const start = performance.now();
    await store.mail.loadMailbox(ana, inbox);
    loadMs.push(round(performance.now() - start));
    await nextTurn();
  }
  report("loadMailbox of 100,000, first and later", { ms: loadMs.join(" ") });
  for (const field of ["envelope", "bodyStructure", "search"] as const) {
    const start = performance.now();
    for (let first = 1; first <= readCount; first += 1000) {
      const ids = Array.from({ length: 1000 }, (_, index) => messageId(first + index));
      await store.mail.messages(ana, ids, [field]);
    }
    report(`messages of 100,000, ${field}`, { ms: round(performance.now() - start) });
  }
  await store.close();
}

function open(folder: string): Promise<EmbeddedStore> {
  return openEmbeddedStore({ folder, clock: new BenchClock(), log: silentLog });
}

async function makeAccounts(store: EmbeddedStore): Promise<readonly AccountId[]> {
  const accounts: AccountId[] = [];
  for (let n = 0; n < accountCount; n++) accounts.push(await makeAccount(store, `u${n}`));
  return accounts;
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "golub-bench-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function report(figure: string, values: Readonly<Record<string, number | string>>): void {
  process.stdout.write(`${JSON.stringify({ figure, ...values })}\n`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
