import type { AccountId } from "../../base/ids.ts";
import type { JourneyChange } from "../journeys.ts";
import type { LogEntry } from "../mail.ts";
import type { CounterName, CopyRecord, Tables } from "../rules/tables.ts";
import type { DumpBody, DumpMessage, DumpRecord } from "./dump.ts";

/** What importing writes that no batch can. */
export interface ImportTables {
  readonly tables: Tables;
  /** What the tables take for the present time from now on. */
  setNow(atMs: number): void;
  setCounter(name: CounterName, value: number): void;
  /** Keeps a body, durably when the engine says so, with no use counted. */
  addBody(body: DumpBody): void;
  setKeyed(key: string, value: string, expiresAtMs: number): void;
}

/** Writes records as an export gave them, inside a transaction of the engine. */
export function importRecords(into: ImportTables, records: readonly DumpRecord[]): void {
  for (let index = 0; index < records.length;) {
    const record = records[index];
    if (record === undefined) break;
    // Tables give entries of one number their order by the call that they come in.
    const run = record.kind === "log" || record.kind === "copy" ? runOf(records, index) : 1;
    importSome(into, record, records.slice(index, index + run));
    index += run;
  }
}

/** How many records from an index on are of the same kind and account, and mailbox for copies. */
function runOf(records: readonly DumpRecord[], start: number): number {
  const first = records[start];
  let end = start + 1;
  while (end < records.length && isAlike(first, records[end])) end++;
  return end - start;
}

function isAlike(a: DumpRecord | undefined, b: DumpRecord | undefined): boolean {
  if (a?.kind === "log") return b?.kind === "log" && a.account === b.account;
  if (a?.kind !== "copy" || b?.kind !== "copy") return false;
  return a.account === b.account && a.mailbox === b.mailbox;
}

function importSome(into: ImportTables, first: DumpRecord, run: readonly DumpRecord[]): void {
  const { tables } = into;
  switch (first.kind) {
    case "counter":
      return into.setCounter(first.name, first.value);
    case "domain":
      return tables.addDomain(first.row);
    case "alias":
      return tables.putAlias(first.row);
    case "body":
      return into.addBody(first);
    case "account":
      return tables.putAccount(first.record);
    case "mailbox":
      return tables.putMailbox(first.account, first.row);
    case "subscription":
      return tables.setSubscribed(first.account, first.name, true);
    case "message":
      return importMessage(tables, first);
    case "copy":
      return tables.addCopies(first.account, first.mailbox, copiesOf(run));
    case "thread":
      tables.joinThread(first.account, [first.key], first.thread);
      return undefined;
    case "log":
      return importLog(tables, first.account, run);
    case "queue":
      return importQueueEntry(tables, first);
    case "journey":
      return importJourney(into, first);
    case "batchKey":
      return tables.addKey(first.key, first.atMs);
    case "keyed":
      return into.setKeyed(first.key, first.value, first.expiresAtMs);
  }
}

function importMessage(tables: Tables, record: DumpMessage): void {
  const { account, id, thread, hash, bodyBytes, prefix, facts, journey } = record;
  const blob = { hash, sizeBytes: bodyBytes };
  const message = { blob, prefix, facts, ...(journey === undefined ? {} : { journey }) };
  tables.addMessage({ account, id, thread, message });
  if (record.copyCount !== 1) {
    tables.countCopies(account, id, record.copyCount - 1, record.goneAtMs);
  }
}

function copiesOf(run: readonly DumpRecord[]): readonly CopyRecord[] {
  const copies: CopyRecord[] = [];
  for (const record of run) {
    if (record.kind !== "copy") continue;
    const { uid, message, flags, modSeq, sizeBytes, internalDateMs, savedAtMs } = record;
    copies.push({ uid, message, flags, modSeq, sizeBytes, internalDateMs, savedAtMs });
  }
  return copies;
}

function importLog(tables: Tables, account: AccountId, run: readonly DumpRecord[]): void {
  const entries: LogEntry[] = [];
  for (const record of run) if (record.kind === "log") entries.push(record.entry);
  tables.addLog(account, entries);
}

function importQueueEntry(
  tables: Tables,
  record: Extract<DumpRecord, { readonly kind: "queue" }>,
): void {
  const { id, message, hash, bodyBytes, queuedAtMs } = record;
  tables.addQueue({ id, message, hash, bodyBytes, queuedAtMs }, { hash, sizeBytes: bodyBytes });
  for (const recipient of record.recipients) {
    tables.putRecipient({ ...recipient, lease: 0, readyAtMs: recipient.dueAtMs });
  }
}

function importJourney(
  into: ImportTables,
  record: Extract<DumpRecord, { readonly kind: "journey" }>,
): void {
  const { kind: _, atMs, ...part } = record;
  into.setNow(atMs);
  into.tables.appendJourney({ kind: "journey.append", ...part } satisfies JourneyChange);
}
