import { hash } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { concat } from "../../base/bytes.ts";
import { Refusal, asRefusal } from "../../base/faults.ts";
import type { AccountId, MessageId } from "../../base/ids.ts";
import type { DumpRecord, DumpSource, DumpTarget } from "../move/dump.ts";
import { exportStore } from "../move/export-store.ts";
import type { CopyCount, HiddenRows, Place, Placed } from "../move/hidden-rows.ts";
import { type ImportTables, importRecords } from "../move/import-records.ts";
import { compareText } from "../rules/names.ts";
import { createMemoryBlobs } from "./memory-blobs.ts";
import { createMemoryDirectory } from "./memory-directory.ts";
import type { MemoryAccount, MemoryDisk } from "./memory-disk.ts";
import { createMemoryMail } from "./memory-mail.ts";
import { createMemoryQueue } from "./memory-queue.ts";
import { MemoryTables } from "./memory-tables.ts";

export interface MemoryDump extends DumpSource, DumpTarget {}

/** A memory disk without a store on it, to copy from or into. */
export function openMemoryDump(disk: MemoryDisk): MemoryDump {
  const store = {
    mail: createMemoryMail(disk),
    directory: createMemoryDirectory(disk),
    queue: createMemoryQueue(disk, async () => []),
    blobs: createMemoryBlobs({ disk, nowMs: () => 0, inlineBytesMax: 0 }),
  };
  const hidden = readHidden(disk);
  return {
    totals: () => hidden.totals(),
    export: (options) => exportStore(store, hidden, options),
    fingerprint: async () => fingerprintOf(disk),
    findMarker: async () => {
      if (disk.moveMarker !== undefined || isEmpty(disk)) return disk.moveMarker;
      throw new Refusal("conflict", "The target is not empty.");
    },
    import: async (records, marker) => {
      const tables = new MemoryTables(disk, () => nowMs);
      let nowMs = 0;
      const into: ImportTables = { ...importerOf(disk, tables), setNow: (atMs) => (nowMs = atMs) };
      try {
        importRecords(into, records);
        tables.undo.assign(disk, { moveMarker: marker });
      } catch (error) {
        tables.undo.undo();
        throw asRefusal(error);
      }
    },
    finish: async () => void (disk.moveMarker = undefined),
    close: async () => undefined,
  };
}

function importerOf(disk: MemoryDisk, tables: MemoryTables): Omit<ImportTables, "setNow"> {
  return {
    tables,
    setCounter: (name, value) => tables.undo.assign(disk.counters, { [name]: value }),
    addBody: ({ hash, parts }) => {
      const bytes = Uint8Array.from(concat(parts));
      tables.undo.set(disk.blobs, hash, { bytes, refCount: 0, freeSinceMs: 0 });
    },
    setKeyed: (key, value, expiresAtMs) => tables.undo.set(disk.keyed, key, { value, expiresAtMs }),
  };
}

function isEmpty(disk: MemoryDisk): boolean {
  const maps = [disk.accounts, disk.domains, disk.aliases, disk.queue, disk.blobs, disk.keyed];
  const others = [disk.batchKeys, disk.journeys];
  const isUncounted = Object.values(disk.counters).every((value) => value === 0);
  return isUncounted && [...maps, ...others].every((map) => map.size === 0);
}

function fingerprintOf(disk: MemoryDisk): string {
  const state = [
    disk.counters,
    Array.from(disk.accounts.values(), (account) => account.record),
    disk.journeyParts.length,
    disk.batchKeys.size,
    Array.from(disk.recipients.values(), (records) => [...records.values()]),
    [...disk.keyed],
  ];
  return hash("sha256", JSON.stringify(state), "hex");
}

function readHidden(disk: MemoryDisk): HiddenRows {
  const getAccount = (id: AccountId): MemoryAccount => {
    const account = disk.accounts.get(id);
    assert(account !== undefined, "the account is in the directory");
    return account;
  };
  const used = () => disk.blobs.entries().filter(([, blob]) => blob.refCount > 0);
  return {
    totals: async () => ({
      accounts: disk.accounts.size,
      messages: sum(Array.from(disk.accounts.values(), ({ messages }) => messages.size)),
      bodies: used().reduce((count) => count + 1, 0),
      bodyBytes: sum(Array.from(used(), ([, blob]) => blob.bytes.length)),
    }),
    counters: async () => disk.counters,
    account: async (id) => getAccount(id).record,
    copyCounts: async (id, first, last) => {
      const counts = new Map<MessageId, CopyCount>();
      for (const [message, { copyCount, goneAtMs }] of getAccount(id).messages) {
        if (message < first || message > last) continue;
        counts.set(message, { copyCount, goneAtMs: copyCount === 0 ? goneAtMs : 0 });
      }
      return counts;
    },
    threads: async (account, after, limit) => {
      const threads = [...getAccount(account).threads].sort(([a], [b]) => a - b);
      const rows = threads.map(
        ([key, thread]) => ({ kind: "thread", account, key, thread }) as const,
      );
      return cut(
        rows.map((row) => ({ at: row.key, row })),
        after,
        limit,
      );
    },
    bodies: async (after, limit) => {
      const rows = Array.from(used(), ([name, { bytes }], at) => ({
        at,
        row: { hash: name, sizeBytes: bytes.length },
      }));
      return cut(rows, after, limit);
    },
    journeys: async (after, limit) => {
      const rows = disk.journeyParts.map((part, at) => ({ at, row: part }));
      return cut(rows, after, limit);
    },
    batchKeys: async (after, limit) => {
      const rows = Array.from(disk.batchKeys, ([key, atMs], at) => ({
        at,
        row: { kind: "batchKey", key, atMs } as const,
      }));
      return cut(rows, after, limit);
    },
    keyed: async (after, limit) => {
      const sorted = [...disk.keyed].sort(([a], [b]) => compareText(a, b));
      const rows = sorted.map(([key, row], at) => ({
        at,
        row: { kind: "keyed", key, ...row } as const satisfies DumpRecord,
      }));
      return cut(rows, after, limit);
    },
  };
}

/** Rows after a place; places are rising numbers. */
function cut<Row>(
  rows: readonly Placed<Row>[],
  after: Place | undefined,
  limit: number,
): readonly Placed<Row>[] {
  return rows.filter(({ at }) => after === undefined || at > after).slice(0, limit);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
