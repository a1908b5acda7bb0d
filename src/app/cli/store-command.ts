import type { Command } from "commander";
import type { Clock } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import { type Log, silentLog } from "../../base/log.ts";
import { createRealClock } from "../../net/real-clock.ts";
import { moveStore } from "../../store/move/move-store.ts";
import type { VerifiedCounts } from "../../store/move/verify-move.ts";
import { type ProgressScreen, createProgressLine, formatCount } from "./move-progress.ts";
import { formatTime } from "./move-progress.ts";
import { parseDumpPlace } from "./open-dump.ts";

/** Declares `golub store` and its verbs. */
export function addStore(program: Command): void {
  const store = program.command("store").description("The store of everything that is kept.");
  store
    .command("move")
    .description("Copy a whole store, verify the copy, and leave the old one as it is.")
    .requiredOption(
      "--from <store>",
      "embedded:FOLDER or postgres://user:password@host:port/database; stop its servers before",
    )
    .requiredOption("--to <store>", "the same forms; must be new or empty")
    .addHelpText(
      "after",
      `
A move that was stopped goes on where it was when the same command is given again.
What an address leaves out comes from the environment (PGPASSWORD and the like).

Examples:
  golub store move --from embedded:/var/lib/golub/data --to embedded:/mnt/new/data
  golub store move --from embedded:/var/lib/golub/data --to postgres://golub@db.example/golub`,
    )
    .action(async ({ from, to }: { readonly from: string; readonly to: string }) => {
      const stopping = new AbortController();
      process.once("SIGINT", () => stopping.abort());
      process.once("SIGTERM", () => stopping.abort());
      const answer = await runMove({
        from,
        to,
        clock: createRealClock(),
        log: silentLog,
        screen: {
          isTerminal: process.stderr.isTTY,
          write: (text) => void process.stderr.write(text),
        },
        signal: stopping.signal,
      });
      process.stdout.write(`${answer}\n`);
    });
}

export interface RunMoveOptions {
  readonly from: string;
  readonly to: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Where progress is shown. */
  readonly screen: ProgressScreen;
  /** Stops after the chunk at hand. */
  readonly signal?: AbortSignal;
}

/**
 * Moves a store and returns what to tell the person.
 * @throws Refusal with one sentence that says what to do.
 */
export async function runMove(options: RunMoveOptions): Promise<string> {
  const { clock, log, screen, signal } = options;
  const from = parseDumpPlace("--from", options.from);
  const to = parseDumpPlace("--to", options.to);
  if (from.name === to.name) {
    throw new Refusal("syntax", "--from and --to name the same store.");
  }
  const startMs = clock.monotonicMs();
  await using cleanup = new AsyncDisposableStack();
  const source = await from.openSource({ clock, log });
  cleanup.defer(() => source.close());
  const target = await to.openTarget({ clock, log });
  cleanup.defer(() => target.close());
  const line = createProgressLine(clock, screen);
  cleanup.defer(line.end);
  const counts = await moveStore({
    source,
    target,
    onProgress: (progress) => {
      line.show(progress);
      if (signal?.aborted !== true) return;
      throw new Refusal("shuttingDown", "Stopped. Give the same command again to go on.");
    },
  });
  return formatMoved(to.name, counts, (clock.monotonicMs() - startMs) / 1000);
}

function formatMoved(to: string, counts: VerifiedCounts, seconds: number): string {
  const told = countedKinds.map(([kind, one, many]) => {
    const count = counts.get(kind) ?? 0;
    return `${formatCount(count)} ${count === 1 ? one : many}`;
  });
  return [
    `Everything is in ${to} now, and was compared: ${told.join(", ")}, in ${formatTime(seconds)}.`,
    "The old store is as it was. Keep it until you trust the new one; never start a server on both.",
  ].join("\n");
}

const countedKinds = [
  ["account", "account", "accounts"],
  ["mailbox", "mailbox", "mailboxes"],
  ["message", "message", "messages"],
  ["body", "body", "bodies"],
  ["log", "log entry", "log entries"],
  ["queue", "queued", "queued"],
] as const;
