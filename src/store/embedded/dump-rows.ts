import type { DatabaseSync, StatementSync } from "node:sqlite";
import { assert } from "../../base/assert.ts";
import {
  type AccountId,
  type MessageId,
  blobHash,
  journeyId,
  messageId,
  threadId,
} from "../../base/ids.ts";
import type { CopyCount, HiddenRows, Place, Placed } from "../move/hidden-rows.ts";
import type { AccountCache } from "./account-cache.ts";
import { messageKey } from "./record-rows.ts";
import { type Row, bytesOf, numberOf, optionalNumber, textOf } from "./rows.ts";

/** What an export of the database has beside the answers of reads. */
export function createHiddenRows(database: DatabaseSync, cache: AccountCache): HiddenRows {
  const totals = database.prepare(`SELECT count(*) AS accounts,
    coalesce(sum(message_count), 0) +
      (SELECT count(*) FROM copy_count WHERE copies = 0) AS messages,
    (SELECT count(*) FROM blob WHERE ref_count > 0) AS bodies,
    (SELECT coalesce(sum(size_bytes), 0) FROM blob WHERE ref_count > 0) AS body_bytes
    FROM account`);
  const counter = database.prepare("SELECT value FROM counter WHERE name = ?");
  const copyCounts = database.prepare(`SELECT message_key, copies, gone_at_ms FROM copy_count
    WHERE message_key BETWEEN ? AND ?`);
  const count = (name: string) => optionalNumber(counter.get(name) ?? {}, "value") ?? 0;
  return {
    totals: async () => {
      const row = totals.get();
      return {
        accounts: numberOf(row, "accounts"),
        messages: numberOf(row, "messages"),
        bodies: numberOf(row, "bodies"),
        bodyBytes: numberOf(row, "body_bytes"),
      };
    },
    counters: async () => ({
      account: count("account"),
      queue: count("queue"),
      lease: count("lease"),
      directory: count("directory"),
    }),
    account: async (id) => {
      // From now on only this account is asked for: the others need not stay in memory.
      cache.clear();
      const record = cache.find(id);
      assert(record !== undefined, "the account is in the directory");
      return record;
    },
    copyCounts: async (account, first, last) => {
      const counts = new Map<MessageId, CopyCount>();
      for (const row of copyCounts.all(messageKey(account, first), messageKey(account, last))) {
        const id = messageId(numberOf(row, "message_key") - messageKey(account, 0));
        const copyCount = numberOf(row, "copies");
        counts.set(id, { copyCount, goneAtMs: copyCount === 0 ? numberOf(row, "gone_at_ms") : 0 });
      }
      return counts;
    },
    threads: listThreads(database),
    ...createLists(database),
  };
}

function listThreads(database: DatabaseSync): HiddenRows["threads"] {
  const list = database.prepare(`SELECT key, thread FROM thread
    WHERE account = ? AND key > ? ORDER BY key LIMIT ?`);
  return async (account: AccountId, after, limit) =>
    list.all(account, after ?? -1, limit).map((row) => {
      const key = numberOf(row, "key");
      return {
        at: key,
        row: { kind: "thread", account, key, thread: threadId(numberOf(row, "thread")) },
      };
    });
}

function createLists(
  database: DatabaseSync,
): Pick<HiddenRows, "bodies" | "journeys" | "batchKeys" | "keyed"> {
  // In the order in which they came, which is the order in which they lie in segments.
  const bodies = database.prepare(`SELECT id, hash, size_bytes FROM blob
    WHERE id > ? AND ref_count > 0 ORDER BY id LIMIT ?`);
  const journeys = database.prepare(`SELECT number, journey, at_ms, part FROM journey_part
    WHERE number > ? ORDER BY number LIMIT ?`);
  const batchKeys = database.prepare(`SELECT number, key, at_ms FROM batch_key
    WHERE number > ? ORDER BY number LIMIT ?`);
  const keyed = database.prepare(`SELECT key, value, expires_at_ms FROM keyed
    WHERE key > ? ORDER BY key LIMIT ?`);
  return {
    bodies: list(bodies, -1, (row) => ({
      at: numberOf(row, "id"),
      row: {
        hash: blobHash(Buffer.from(bytesOf(row, "hash")).toString("hex")),
        sizeBytes: numberOf(row, "size_bytes"),
      },
    })),
    journeys: list(journeys, -1, (row) => ({
      at: numberOf(row, "number"),
      row: {
        ...JSON.parse(textOf(row, "part")),
        kind: "journey",
        journey: journeyId(textOf(row, "journey")),
        atMs: numberOf(row, "at_ms"),
      },
    })),
    batchKeys: list(batchKeys, -1, (row) => ({
      at: numberOf(row, "number"),
      row: { kind: "batchKey", key: textOf(row, "key"), atMs: numberOf(row, "at_ms") },
    })),
    keyed: list(keyed, "", (row) => ({
      at: textOf(row, "key"),
      row: {
        kind: "keyed",
        key: textOf(row, "key"),
        value: textOf(row, "value"),
        expiresAtMs: numberOf(row, "expires_at_ms"),
      },
    })),
  };
}

function list<Found>(
  statement: StatementSync,
  start: Place,
  read: (row: Row) => Placed<Found>,
): (after: Place | undefined, limit: number) => Promise<readonly Placed<Found>[]> {
  return async (after, limit) => statement.all(after ?? start, limit).map(read);
}
