import type { DatabaseSync } from "node:sqlite";
import type { Retention } from "../maintenance.ts";
import { blobHash } from "../../base/ids.ts";
import { bytesOf, numberOf } from "./rows.ts";

/** Rows that one step frees at most: a step takes a few milliseconds of a transaction. */
const stepRows = 200;

export interface HousekeepingOptions {
  readonly database: DatabaseSync;
  readonly retention: Retention;
  readonly isStaged: (hash: ReturnType<typeof blobHash>) => boolean;
}

/** A step inside a transaction; returns how much it freed, 0 when nothing was left to free. */
export type HousekeepingStep = (nowMs: number) => number;

/** Frees what is past its retention, in the order in which one frees work for the next. */
export function createHousekeeping(options: HousekeepingOptions): readonly HousekeepingStep[] {
  const { database, retention, isStaged } = options;
  return [
    freeMessages(database, retention),
    freeAccounts(database),
    freeBlobs(database, retention, isStaged),
    freeBatchKeys(database, retention),
    freeKeyed(database),
    freeJourneys(database, retention),
  ];
}

function freeMessages(database: DatabaseSync, retention: Retention): HousekeepingStep {
  const find = database.prepare(`SELECT message_key FROM copy_count
    WHERE copies = 0 AND gone_at_ms <= ? ORDER BY gone_at_ms LIMIT ${stepRows}`);
  const free = createMessageRemover(database);
  return (nowMs) => {
    const rows = find.all(nowMs - retention.messageMs);
    for (const row of rows) free(numberOf(row, "message_key"), nowMs);
    return rows.length;
  };
}

function createMessageRemover(database: DatabaseSync) {
  const message = database.prepare("DELETE FROM message WHERE message_key = ? RETURNING blob");
  const release = database.prepare(`UPDATE blob SET ref_count = ref_count - 1, free_since_ms = ?
    WHERE id = ?`);
  const rest = ["message_detail", "copy_count"].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE message_key = ?`),
  );
  return (key: number, nowMs: number): void => {
    const row = message.get(key);
    if (row !== undefined) release.run(nowMs, numberOf(row, "blob"));
    for (const statement of rest) statement.run(key);
  };
}

function freeAccounts(database: DatabaseSync): HousekeepingStep {
  const find = database.prepare("SELECT id FROM removed_account LIMIT 1");
  const done = database.prepare("DELETE FROM removed_account WHERE id = ?");
  const keys = database.prepare(`SELECT message_key FROM message
    WHERE message_key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295 LIMIT ${stepRows}`);
  const freeMessage = createMessageRemover(database);
  const clustered = [
    ["copy", "mailbox, uid"],
    ["log", "mod_seq, place"],
    ["thread", "key"],
    ["mailbox", "id"],
    ["subscription", "name"],
    ["keyword_set", "number"],
  ].map(([table, key]) =>
    database.prepare(`DELETE FROM ${table} WHERE account = ?1 AND (${key}) IN
      (SELECT ${key} FROM ${table} WHERE account = ?1 LIMIT ${stepRows})`),
  );
  return (nowMs) => {
    const row = find.get();
    if (row === undefined) return 0;
    const id = numberOf(row, "id");
    const messages = keys.all(id);
    for (const message of messages) freeMessage(numberOf(message, "message_key"), nowMs);
    if (messages.length > 0) return messages.length;
    for (const statement of clustered) {
      const freed = Number(statement.run(id).changes);
      if (freed > 0) return freed;
    }
    done.run(id);
    return 1;
  };
}

function freeBlobs(
  database: DatabaseSync,
  retention: Retention,
  isStaged: HousekeepingOptions["isStaged"],
): HousekeepingStep {
  const find = database.prepare(`SELECT id, hash FROM blob
    WHERE ref_count = 0 AND free_since_ms <= ? ORDER BY free_since_ms LIMIT ${stepRows}`);
  const removeBody = database.prepare("DELETE FROM blob_body WHERE id = ?");
  const remove = database.prepare("DELETE FROM blob WHERE id = ?");
  const postpone = database.prepare("UPDATE blob SET free_since_ms = ? WHERE id = ?");
  return (nowMs) => {
    let freed = 0;
    for (const row of find.all(nowMs - retention.blobMs)) {
      const id = numberOf(row, "id");
      freed++;
      if (isStaged(blobHash(Buffer.from(bytesOf(row, "hash")).toString("hex")))) {
        // Somebody has just put it again and is about to use it.
        postpone.run(nowMs, id);
        continue;
      }
      removeBody.run(id);
      remove.run(id);
    }
    return freed;
  };
}

function freeBatchKeys(database: DatabaseSync, retention: Retention): HousekeepingStep {
  // The oldest rows in order of making; one that is younger than its neighbours waits with them.
  const remove = database.prepare(`DELETE FROM batch_key WHERE at_ms <= ?1 AND number IN
    (SELECT number FROM batch_key ORDER BY number LIMIT ${stepRows})`);
  return (nowMs) => Number(remove.run(nowMs - retention.batchKeyMs).changes);
}

function freeKeyed(database: DatabaseSync): HousekeepingStep {
  const remove = database.prepare(`DELETE FROM keyed WHERE key IN
    (SELECT key FROM keyed WHERE expires_at_ms <= ? LIMIT ${stepRows})`);
  return (nowMs) => Number(remove.run(nowMs).changes);
}

/**
 * Parts go in the order in which they came, each by its own age: what happened to a message long
 * after its delivery stays a while longer than the delivery.
 */
function freeJourneys(database: DatabaseSync, retention: Retention): HousekeepingStep {
  const parts = database.prepare(`DELETE FROM journey_part WHERE at_ms <= ? AND number IN
    (SELECT number FROM journey_part ORDER BY number LIMIT ${stepRows})`);
  const blocks = database.prepare(`DELETE FROM journey_block WHERE next_number <=
    (SELECT coalesce(min(number), 9e15) FROM journey_part)`);
  return (nowMs) => {
    const { changes } = parts.run(nowMs - retention.journeyMs);
    if (changes !== 0) blocks.run();
    return Number(changes);
  };
}
