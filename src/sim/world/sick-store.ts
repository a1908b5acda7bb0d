import { Refusal } from "../../base/faults.ts";
import type { Batch, Change } from "../../store/batch.ts";
import type { MemoryFaults } from "../../store/memory/create-memory-store.ts";
import type { MemoryDisk } from "../../store/memory/memory-disk.ts";
import type { StagedBlob } from "../../store/blobs.ts";
import type { Ledger } from "./ledger.ts";
import { readContents } from "./letters.ts";
import type { Stage } from "./stage.ts";

/** Times in which the store fails now and then, and the record of answers lost by it. */
export function createSickness(stage: Stage, disk: MemoryDisk): MemoryFaults {
  const { plan, ledger, clock, trace } = stage;
  const dice = stage.dice.fork("sickness");
  const startMs = clock.now();
  const times = Array.from({ length: plan.sickTimes }, () => {
    const fromMs = startMs + dice.between(60_000, plan.busyMs);
    return { fromMs, untilMs: fromMs + dice.spread(5_000, 600_000) };
  });
  const isSick = () => {
    const nowMs = clock.now();
    return nowMs < stage.busyUntilMs && times.some((t) => t.fromMs <= nowMs && nowMs < t.untilMs);
  };
  return {
    beforeCommit(batches) {
      if (!isSick() || !dice.chance(plan.failBeforeChance)) return;
      trace.add("store", `a commit of ${batches.length} fails`);
      const reason = dice.pick(["unavailable", "diskFull"] as const);
      throw new Refusal(reason, "The store cannot keep anything now.");
    },
    afterCommit(batches) {
      if (!isSick() || !dice.chance(plan.failAfterChance)) return;
      trace.add("store", `the answer to a commit of ${batches.length} is lost`);
      for (const batch of batches) noteLost(ledger, disk, batch);
      throw new Refusal("unavailable", "The answer of the store was lost.");
    },
  };
}

function noteLost(ledger: Ledger, disk: MemoryDisk, batch: Batch): void {
  const { lostCommits } = ledger;
  const tokens = new Set(batch.changes.flatMap((change) => tokenOf(disk, change)));
  for (const token of tokens) lostCommits.set(token, (lostCommits.get(token) ?? 0) + 1);
}

/** The letter that a change keeps, if it is one. */
function tokenOf(disk: MemoryDisk, change: Change): string[] {
  if (change.kind === "queue.add") return tokenOfBlob(disk, change.blob);
  return change.kind === "mail.messageAdd" ? tokenOfBlob(disk, change.message.blob) : [];
}

function tokenOfBlob(disk: MemoryDisk, { hash, inline }: StagedBlob): string[] {
  const bytes = inline ?? disk.blobs.get(hash)?.bytes;
  const contents = bytes === undefined ? undefined : readContents(bytes);
  return contents?.kind === "letter" ? [contents.token] : [];
}
