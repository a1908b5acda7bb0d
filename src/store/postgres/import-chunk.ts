import { assert } from "../../base/assert.ts";
import { Refusal, asRefusal } from "../../base/faults.ts";
import { type AccountId, type MailboxId, accountId } from "../../base/ids.ts";
import type { DumpBody, DumpRecord } from "../move/dump.ts";
import { type ImportTables, importRecords } from "../move/import-records.ts";
import type { CounterName } from "../rules/tables.ts";
import { byteas, float8s, int4s, int8s, texts } from "./array-parameter.ts";
import { cutPieces } from "./body-stager.ts";
import type { Connection } from "./connection.ts";
import { unavailable } from "./connector.ts";
import { faultOf } from "./database-faults.ts";
import { GroupTables } from "./group-tables.ts";
import { findMoveMarker, markerWrite, moveMarkerSql } from "./move-marker.ts";
import { hashBytes, hashFrom, mailboxFrom } from "./record-rows.ts";
import { type Row, bytesOf, numberOf } from "./rows.ts";
import { statement } from "./statement.ts";
import { type TableWrite, listWrites } from "./write-group.ts";

const sql = {
  mailboxes: statement(
    "importMailboxes",
    `SELECT mailbox.* FROM unnest($1::int8[], $2::int8[]) AS wanted (account, id)
       JOIN mailbox USING (account, id)`,
  ),
  blobs: statement("importBlobs", "SELECT hash FROM blob WHERE hash = ANY($1::bytea[])"),
  addBodies: statement(
    "importBodies",
    `INSERT INTO blob SELECT hash, size, 0, $3::float8 FROM unnest($1::bytea[], $2::int8[])
       AS body (hash, size)`,
  ),
  addPieces: statement(
    "importPieces",
    "INSERT INTO blob_piece SELECT * FROM unnest($1::bytea[], $2::int4[], $3::bytea[])",
  ),
  addKeyed: statement(
    "importKeyed",
    "INSERT INTO keyed SELECT * FROM unnest($1::text[], $2::text[], $3::float8[])",
  ),
  setDirectory: statement(
    "importDirectory",
    "UPDATE counter SET value = $1 WHERE name = 'directory'",
  ),
  setNumber: statement(
    "importNumber",
    "SELECT setval($1::regclass, greatest($2::int8, 1), $2::int8 > 0)",
  ),
} as const;

/** Bytes of bodies in one statement, about. */
const statementBytesMax = 8_388_608;

export interface ImportOptions {
  readonly connection: Connection;
  readonly records: readonly DumpRecord[];
  readonly marker: string;
  readonly nowMs: number;
}

/**
 * Writes records of an export and the marker in one transaction.
 * @throws Refusal `diskFull` or `unavailable`: then nothing was written, unless the connection was
 *   lost at the end, after which the marker tells.
 */
export async function importChunk(options: ImportOptions): Promise<void> {
  const { connection } = options;
  try {
    const isMarked = (await findMoveMarker(connection)) !== undefined;
    await connection.run("BEGIN");
    if (!isMarked) await connection.run(moveMarkerSql.create);
    await writeChunk(options);
    const ended = await connection.run("COMMIT");
    assert(ended === "COMMIT", "every statement of the transaction was answered");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => connection.destroy());
    throw refusalOf(error);
  }
}

async function writeChunk({ connection, records, marker, nowMs }: ImportOptions): Promise<void> {
  const bodies = records.filter((record) => record.kind === "body");
  await addBodies(connection, bodies, nowMs);
  const tables = await loadTables(connection, records);
  const writes: TableWrite[] = [];
  const keyed: Keyed[] = [];
  importRecords(importTables(tables, writes, keyed), records);
  writes.push(...listWrites(tables, "", nowMs), markerWrite(marker));
  if (keyed.length > 0) {
    writes.push([
      sql.addKeyed,
      [
        texts(keyed.map(({ key }) => key)),
        texts(keyed.map(({ value }) => value)),
        float8s(keyed.map(({ expiresAtMs }) => expiresAtMs)),
      ],
    ]);
  }
  await Promise.all(writes.map(([query, parameters]) => connection.query(query, parameters)));
}

interface Keyed {
  readonly key: string;
  readonly value: string;
  readonly expiresAtMs: number;
}

/** Bodies were written before; what tables do not have goes to the lists. */
function importTables(tables: GroupTables, writes: TableWrite[], keyed: Keyed[]): ImportTables {
  return {
    tables,
    setNow: (atMs) => (tables.journeyAtMs = atMs),
    setCounter: (name, value) => void writes.push(counterWrite(name, value)),
    addBody: () => undefined,
    setKeyed: (key, value, expiresAtMs) => void keyed.push({ key, value, expiresAtMs }),
  };
}

function counterWrite(name: CounterName, value: number): TableWrite {
  if (name === "directory") return [sql.setDirectory, [value]];
  return [sql.setNumber, [`${name}_number`, value]];
}

/** With no use counted; those who use one will count themselves. */
async function addBodies(
  connection: Connection,
  bodies: readonly DumpBody[],
  nowMs: number,
): Promise<void> {
  if (bodies.length === 0) return;
  await connection.query(sql.addBodies, [
    byteas(bodies.map(({ hash }) => hashBytes(hash))),
    int8s(bodies.map(({ sizeBytes }) => sizeBytes)),
    nowMs,
  ]);
  let pieces: Piece[] = [];
  let waitingBytes = 0;
  for (const { hash, parts } of bodies) {
    let place = 0;
    for (const bytes of cutPieces(parts)) {
      pieces.push({ hash: hashBytes(hash), place: place++, bytes });
      waitingBytes += bytes.length;
      if (waitingBytes < statementBytesMax) continue;
      await addPieces(connection, pieces);
      pieces = [];
      waitingBytes = 0;
    }
  }
  await addPieces(connection, pieces);
}

interface Piece {
  readonly hash: Buffer;
  readonly place: number;
  readonly bytes: Uint8Array;
}

async function addPieces(connection: Connection, pieces: readonly Piece[]): Promise<void> {
  if (pieces.length === 0) return;
  await connection.query(sql.addPieces, [
    byteas(pieces.map(({ hash }) => hash)),
    int4s(pieces.map(({ place }) => place)),
    byteas(pieces.map(({ bytes }) => bytes)),
  ]);
}

/** Tables that know what the records lean on; of the rest the database has nothing yet. */
async function loadTables(
  connection: Connection,
  records: readonly DumpRecord[],
): Promise<GroupTables> {
  const tables = new GroupTables({ account: [], queue: [], lease: [] });
  for (const rows of [tables.aliases, tables.addresses, tables.accounts]) rows.completed();
  tables.queues.completed();
  const hashes = new Set<string>();
  const mailboxes = new Map<string, readonly [AccountId, MailboxId]>();
  for (const record of records) {
    if (record.kind === "message" || record.kind === "queue") hashes.add(record.hash);
    if (record.kind === "copy") {
      mailboxes.set(`${record.account}/${record.mailbox}`, [record.account, record.mailbox]);
    }
    // An account that came before has rows in the database, but none of those that come now.
    if ("account" in record) tables.account(record.account, true);
  }
  const takeMailbox = (row: Row) => {
    const mailbox = mailboxFrom(row);
    const { mailboxes: known } = tables.account(accountId(numberOf(row, "account")), true);
    known.load(mailbox.id, mailbox);
  };
  const wanted = [...mailboxes.values()];
  const [found, stored] = await Promise.all([
    connection.query(sql.mailboxes, [
      int8s(wanted.map(([account]) => account)),
      int8s(wanted.map(([, mailbox]) => mailbox)),
    ]),
    connection.query(sql.blobs, [byteas(Array.from(hashes, (hash) => Buffer.from(hash, "hex")))]),
  ]);
  for (const row of found) takeMailbox(row);
  for (const row of stored) tables.storedBlobs.add(hashFrom(bytesOf(row, "hash")));
  return tables;
}

function refusalOf(error: unknown): Refusal {
  switch (faultOf(error)) {
    case "diskFull":
      return new Refusal("diskFull", "The disk of the target is full.", String(error));
    case "refused":
      return asRefusal(error);
    default:
      return unavailable(error);
  }
}
