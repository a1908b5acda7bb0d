import { assert } from "../../base/assert.ts";
import { Refusal, asRefusal } from "../../base/faults.ts";
import { type AccountId, type BlobHash, modSeq, queueId } from "../../base/ids.ts";
import type { DumpChunk, DumpRecord, ExportOptions } from "./dump.ts";
import type { CounterName } from "../rules/tables.ts";
import { type Page, type Section, readCopies, readMessages } from "./export-mail.ts";
import type { HiddenRows, Place, Placed, ReadableStore } from "./hidden-rows.ts";

const chunkBytesMax = 8_388_608;
const chunkRecordsDefault = 2000;
/** Entries of the log and of the queue can be large. */
const pageEntriesMax = 200;

interface Position {
  readonly section: string;
  readonly after: Place | undefined;
  /** Nothing of the section is left. */
  readonly isDone: boolean;
}

/**
 * Tells a store by its reads and what they hide, for engines whose reads answer quickly in the
 * store's own process. A cursor names a section and the last place in it.
 */
export async function* exportStore(
  store: ReadableStore,
  hidden: HiddenRows,
  options: ExportOptions,
): AsyncIterable<DumpChunk> {
  const rows = options.chunkRecords ?? chunkRecordsDefault;
  const from = options.after === undefined ? undefined : parseCursor(options.after);
  let isSought = from !== undefined;
  let records: DumpRecord[] = [];
  let bytes = 0;
  for await (const section of sectionsOf({ store, hidden, rows, withBodies: options.withBodies })) {
    if (isSought && section.name !== from?.section) continue;
    let after = isSought ? from?.after : undefined;
    let isDone = isSought && from?.isDone === true;
    isSought = false;
    while (!isDone) {
      const page = await section.read(after);
      after = page.after ?? after;
      isDone = page.after === undefined;
      for (const record of page.records) records.push(record);
      bytes += page.bytes ?? 0;
      if (records.length >= rows || bytes >= chunkBytesMax) {
        yield { records, cursor: formatCursor({ section: section.name, after, isDone }) };
        records = [];
        bytes = 0;
      }
    }
  }
  assert(!isSought, "a cursor names a section of the export");
  const end = { section: "end", after: undefined, isDone: true };
  if (records.length > 0) yield { records, cursor: formatCursor(end) };
}

interface Reading {
  readonly store: ReadableStore;
  readonly hidden: HiddenRows;
  readonly withBodies: boolean;
  /** To read at once. */
  readonly rows: number;
}

/** All sections in order. Their names are the same in every export of the same content. */
async function* sectionsOf(reading: Reading): AsyncIterable<Section> {
  const { store, hidden, rows } = reading;
  yield { name: "head", read: async () => ({ records: await readHead(store, hidden) }) };
  yield { name: "bodies", read: (after) => readBodies(reading, after) };
  const accounts = await store.directory.accounts();
  const ids = accounts.map((account) => account.id).sort((a, b) => a - b);
  for (const id of ids) yield* sectionsOfAccount(reading, id);
  yield { name: "queue", read: (after) => readQueue(reading, after) };
  yield listed("journeys", (after) => hidden.journeys(after, rows));
  yield listed("batchKeys", (after) => hidden.batchKeys(after, rows));
  yield listed("keyed", (after) => hidden.keyed(after, rows));
  yield { name: "end", read: async () => ({ records: [] }) };
}

async function* sectionsOfAccount(reading: Reading, account: AccountId): AsyncIterable<Section> {
  const { store, hidden, rows } = reading;
  const record = await hidden.account(account);
  const mailboxes = [...(await store.mail.mailboxes(account))].sort((a, b) => a.id - b.id);
  yield {
    name: `${account}`,
    read: async () => {
      const names = await store.mail.subscriptions(account);
      return {
        records: [
          { kind: "account", record },
          ...mailboxes.map((row) => ({ kind: "mailbox", account, row }) as const),
          ...names.map((name) => ({ kind: "subscription", account, name }) as const),
        ],
      };
    },
  };
  yield { name: `${account}/messages`, read: readMessages(store, hidden, record, rows) };
  for (const { id } of mailboxes) {
    yield { name: `${account}/copies/${id}`, read: readCopies(store, account, id, rows) };
  }
  yield listed(`${account}/threads`, (after) => hidden.threads(account, after, rows));
  yield { name: `${account}/log`, read: (after) => readLog(reading, account, after) };
}

async function readHead(store: ReadableStore, hidden: HiddenRows): Promise<readonly DumpRecord[]> {
  const counters = await hidden.counters();
  const names: readonly CounterName[] = ["account", "directory", "lease", "queue"];
  return [
    ...names.map((name) => ({ kind: "counter", name, value: counters[name] }) as const),
    ...(await store.directory.domains()).map((row) => ({ kind: "domain", row }) as const),
    ...(await store.directory.aliases()).map((row) => ({ kind: "alias", row }) as const),
  ];
}

async function readBodies(
  { store, hidden, rows, withBodies }: Reading,
  after: Place | undefined,
): Promise<Page> {
  const listed = await hidden.bodies(after, Math.min(rows, pageEntriesMax));
  const taken = withBodies ? takeBytes(listed) : listed;
  // Together: each is a wait for the disk, and mostly a short one.
  const records = await Promise.all(
    taken.map(async ({ row }): Promise<DumpRecord> => {
      return { kind: "body", ...row, parts: withBodies ? await readParts(store, row.hash) : [] };
    }),
  );
  const bytes = withBodies ? taken.reduce((sum, { row }) => sum + row.sizeBytes, 0) : 0;
  return { records, bytes, after: taken.at(-1)?.at };
}

/** @throws Refusal `unavailable` that names the body. */
async function readParts(store: ReadableStore, name: BlobHash): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of store.blobs.stream(name)) parts.push(part);
  } catch (error) {
    const detail = asRefusal(error).message;
    throw new Refusal("unavailable", `The message body ${name} cannot be read.`, detail);
  }
  return parts;
}

/** The first of some bodies that fit a chunk; at least one. */
function takeBytes<Row extends { readonly sizeBytes: number }>(
  listed: readonly Placed<Row>[],
): readonly Placed<Row>[] {
  let bytes = 0;
  const end = listed.findIndex(({ row }, index) => {
    bytes += row.sizeBytes;
    return index > 0 && bytes > chunkBytesMax;
  });
  return end < 0 ? listed : listed.slice(0, end);
}

async function readLog(
  { store, rows }: Reading,
  account: AccountId,
  after: Place | undefined,
): Promise<Page> {
  const limit = Math.min(rows, pageEntriesMax);
  const entries = await store.mail.changes(account, modSeq(Number(after ?? 0)), { limit });
  const records = entries.map((entry) => ({ kind: "log", account, entry }) as const);
  return { records, after: entries.at(-1)?.modSeq };
}

async function readQueue({ store, rows }: Reading, after: Place | undefined): Promise<Page> {
  const entries = await store.queue.list({
    ...(after === undefined ? {} : { after: queueId(Number(after)) }),
    limit: Math.min(rows, pageEntriesMax),
  });
  const records = entries.map((entry) => ({ kind: "queue", ...entry }) as const);
  return { records, after: entries.at(-1)?.id };
}

/** A section of rows that the engine lists as they are. */
function listed(
  name: string,
  list: (after: Place | undefined) => Promise<readonly Placed<DumpRecord>[]>,
): Section {
  return {
    name,
    read: async (after) => {
      const rows = await list(after);
      return { records: rows.map(({ row }) => row), after: rows.at(-1)?.at };
    },
  };
}

function formatCursor({ section, after, isDone }: Position): string {
  return JSON.stringify([section, isDone, ...(after === undefined ? [] : [after])]);
}

function parseCursor(text: string): Position {
  const parsed: unknown = JSON.parse(text);
  assert(Array.isArray(parsed), "a cursor is a list");
  const [section, isDone, after]: readonly unknown[] = parsed;
  assert(typeof section === "string", "a cursor names a section");
  const isPlace = typeof after === "number" || typeof after === "string";
  return { section, isDone: isDone === true, after: isPlace ? after : undefined };
}
