import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { accountId, messageId } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import { ManualClock, add, apply, inbox, makeAccount } from "../contract-fixtures.ts";
import { type EmbeddedStore, openEmbeddedStore } from "./open-embedded-store.ts";

/**
 * Kills a process with SIGKILL while it writes and looks whether everything that it acknowledged
 * is there. Run it by itself: `node src/store/embedded/crash.check.ts`.
 */
const rounds = 6;
const largeEvery = 10;
const bodyOf = (number: number) =>
  `${number} ${"x".repeat(number % largeEvery === 0 ? 100_000 : 500)}`;

if (process.argv[2] === "write") await write(process.argv[3] ?? "");
else await check();

/** The child: writes without end and prints the number of each message once it is durable. */
async function write(folder: string): Promise<void> {
  const store = await open(folder);
  const ana = (await store.directory.accounts())[0]?.id ?? (await makeAccount(store));
  let next = (await store.mail.account(ana)).messageCount;
  const writeOne = async (): Promise<void> => {
    const number = next++;
    const blob = await store.blobs.put([Buffer.from(bodyOf(number))]);
    const change = add(ana, inbox, { facts: { messageIdHeader: `${number}@x` } });
    await apply(store, { ...change, message: { ...change.message, blob } });
    process.stdout.write(`${number}\n`);
  };
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (;;) await writeOne();
    }),
  );
}

async function check(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "golub-crash-"));
  let passed = 0;
  let failed = 0;
  try {
    for (let round = 1; round <= rounds; round++) {
      const acknowledged = await runAndKill(folder, 100 * round);
      const lost = await findLost(folder, acknowledged);
      if (lost.length === 0 && acknowledged.size > 0) passed++;
      else failed++;
      const what = `round ${round}: ${acknowledged.size} acknowledged, ${lost.length} lost`;
      process.stdout.write(`${what}${lost.length > 0 ? `: ${lost.slice(0, 5).join("; ")}` : ""}\n`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Lets a child write until it has acknowledged `count` messages, then kills it at once. */
async function runAndKill(folder: string, count: number): Promise<ReadonlySet<number>> {
  const script = fileURLToPath(import.meta.url);
  const child: ChildProcess = spawn(process.execPath, [script, "write", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged = new Set<number>();
  if (child.stdout === null) throw new Error("the child has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.add(Number(line));
    if (acknowledged.size === count) child.kill("SIGKILL");
  }
  return acknowledged;
}

/** Opens what the child left and says what is wrong with it. */
async function findLost(
  folder: string,
  acknowledged: ReadonlySet<number>,
): Promise<readonly string[]> {
  const store = await open(folder);
  try {
    const ana = accountId(1);
    const columns = await store.mail.loadMailbox(ana, inbox);
    const found = new Map<number, string>();
    const ids = Array.from(columns.messageIds, messageId);
    const messages = await store.mail.messages(ana, ids, ["messageIdHeader", "body"]);
    const lost: string[] = [];
    for (const message of messages) {
      if (message === undefined) lost.push("a copy without its message");
      else found.set(Number.parseInt(message.messageIdHeader), message.body.hash);
    }
    for (const message of messages) {
      if (message === undefined) continue;
      const body = Buffer.from(await store.blobs.read(message.body.hash)).toString();
      if (body !== bodyOf(Number.parseInt(body))) lost.push(`a torn body ${message.body.hash}`);
    }
    for (const number of acknowledged) if (!found.has(number)) lost.push(`message ${number}`);
    const { messageCount } = await store.mail.account(ana);
    if (messageCount !== columns.count) lost.push("the count of messages");
    return lost;
  } finally {
    await store.close();
  }
}

function open(folder: string): Promise<EmbeddedStore> {
  const limits = { reserveBytes: 0 };
  return openEmbeddedStore({ folder, clock: new ManualClock(), log: silentLog, limits });
}
