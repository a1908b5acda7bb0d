import { Refusal } from "../../base/faults.ts";
import { ExportDigester, type ScopeDigest, digestExport } from "./digest-export.ts";
import type { DumpSource, DumpTarget, DumpTotals } from "./dump.ts";
import { type MoveMarker, type MoveWork, addWork, formatMarker, noWork } from "./marker.ts";
import { parseMarker } from "./marker.ts";
import { type VerifiedCounts, verifyMove } from "./verify-move.ts";

export interface MoveProgress {
  readonly phase: "copy" | "verify";
  readonly done: MoveWork;
  readonly totals: DumpTotals;
  /** What an earlier run had done when this phase began. */
  readonly before: MoveWork;
}

export interface MoveOptions {
  readonly source: DumpSource;
  readonly target: DumpTarget;
  /** About how many records to read at once. */
  readonly chunkRecords?: number;
  /** Called after every chunk. */
  readonly onProgress?: (progress: MoveProgress) => void;
}

/**
 * Copies a store whole, verifies that the target tells the same, and opens it for servers. Run
 * again after it was killed, it goes on where it was. The source is left as it is.
 * @throws Refusal `conflict` when the target is not empty, when the source has changed since the
 *   unfinished move, or when the two differ in the end; `unavailable` for a damaged body;
 *   `diskFull` when the target has no room. A move that stopped can be run again.
 */
export async function moveStore(options: MoveOptions): Promise<VerifiedCounts> {
  const { source, target, onProgress } = options;
  const totals = await source.totals();
  const told = await copyRecords(options, totals);
  // What an earlier run copied is told again.
  const expected = told ?? digestExport(source.export({ withBodies: false }));
  let done = noWork;
  const counts = await verifyMove(expected, target, (chunk) => {
    done = addWork(done, chunk);
    onProgress?.({ phase: "verify", done, totals, before: noWork });
  });
  await target.finish();
  return counts;
}

/** Returns what the source told, if it told all of it. */
async function copyRecords(
  { source, target, onProgress, chunkRecords }: MoveOptions,
  totals: DumpTotals,
): Promise<readonly ScopeDigest[] | undefined> {
  const fingerprint = await source.fingerprint();
  const begun = await findBegun(target, fingerprint);
  let marker: MoveMarker = begun ?? { fingerprint, done: noWork };
  const before = marker.done;
  if (begun === undefined) await target.import([], formatMarker(marker));
  const digester = new ExportDigester();
  const told: ScopeDigest[] = [];
  const wanted = {
    withBodies: true,
    ...(marker.cursor === undefined ? {} : { after: marker.cursor }),
    ...(chunkRecords === undefined ? {} : { chunkRecords }),
  };
  for await (const chunk of source.export(wanted)) {
    // Finds a damaged body, too: in the end it would be too late to say that it came damaged.
    for (const scope of digester.add(chunk)) told.push(scope);
    marker = { fingerprint, cursor: chunk.cursor, done: addWork(marker.done, chunk) };
    await target.import(chunk.records, formatMarker(marker));
    onProgress?.({ phase: "copy", done: marker.done, totals, before });
  }
  if (begun?.cursor !== undefined) return undefined;
  told.push(digester.finish());
  return told;
}

async function findBegun(target: DumpTarget, fingerprint: string): Promise<MoveMarker | undefined> {
  const text = await target.findMarker();
  if (text === undefined) return undefined;
  const marker = parseMarker(text);
  if (marker === undefined) {
    throw new Refusal(
      "conflict",
      "Another version of this program began to move a store there: " +
        "finish with that version, or empty the target and start again.",
    );
  }
  if (marker.fingerprint !== fingerprint) {
    throw new Refusal(
      "conflict",
      "The target has an unfinished move from another store, or from this one before it was " +
        "changed: empty the target and start again.",
    );
  }
  return marker;
}
