import type { Clock } from "../../base/clock.ts";
import type { Maintained, Retention } from "../maintenance.ts";
import type { Connection, Parameter } from "./connection.ts";
import type { Connector } from "./connector.ts";
import { unavailable } from "./connector.ts";
import { faultOf } from "./database-faults.ts";
import { numberOf } from "./rows.ts";
import { type Statement, statement } from "./statement.ts";

/** Rows that one step frees at most: a step takes a few milliseconds of a transaction. */
const stepRows = 200;
/** Of all servers one at a time does it; any number that is not the migrations'. */
const housekeepingLock = 0x68_6f_75_73;
/** Steps of one call, at most, whatever its budget. */
const stepsMax = 10_000;
/** There is one for every commit, and nobody waits for their going. */
const commitKeyRows = 5000;
/** No try to commit goes on for so long. */
const commitKeyMs = 3_600_000;

const sql = {
  lock: statement("lockHousekeeping", "SELECT pg_try_advisory_xact_lock($1) AS is_ours"),
  // Whoever restores a message has its account locked, so this locks it too.
  lockGoneMessages: statement(
    "lockGoneMessages",
    `SELECT id FROM account WHERE id IN (SELECT account FROM copy_count
       WHERE copies = 0 AND gone_at_ms <= $1 ORDER BY gone_at_ms LIMIT ${stepRows})
       ORDER BY id FOR NO KEY UPDATE`,
  ),
  freeMessages: statement(
    "freeMessages",
    `WITH gone AS (DELETE FROM copy_count WHERE (account, message) IN
         (SELECT account, message FROM copy_count WHERE copies = 0 AND gone_at_ms <= $1
          ORDER BY gone_at_ms LIMIT ${stepRows}) RETURNING account, message),
       freed AS (DELETE FROM message USING gone WHERE message.account = gone.account
         AND message.id = gone.message RETURNING message.blob),
       released AS (UPDATE blob SET ref_count = ref_count - uses.count, free_since_ms = $2
         FROM (SELECT blob, count(*) AS count FROM freed GROUP BY blob ORDER BY blob) AS uses
         WHERE hash = uses.blob)
       SELECT count(*) AS freed FROM gone`,
  ),
  removedAccount: statement("removedAccount", "SELECT id FROM removed_account ORDER BY id LIMIT 1"),
  freeMessagesOfAccount: statement(
    "freeMessagesOfAccount",
    `WITH freed AS (DELETE FROM message WHERE account = $1 AND id IN
         (SELECT id FROM message WHERE account = $1 ORDER BY id LIMIT ${stepRows})
         RETURNING id, blob),
       counts AS (DELETE FROM copy_count USING freed
         WHERE account = $1 AND copy_count.message = freed.id),
       released AS (UPDATE blob SET ref_count = ref_count - uses.count, free_since_ms = $2
         FROM (SELECT blob, count(*) AS count FROM freed GROUP BY blob ORDER BY blob) AS uses
         WHERE hash = uses.blob)
       SELECT count(*) AS freed FROM freed`,
  ),
  forgetAccount: statement("forgetAccount", "DELETE FROM removed_account WHERE id = $1"),
  freeBlobs: statement(
    "freeBlobs",
    `WITH gone AS (DELETE FROM blob WHERE hash IN
         (SELECT hash FROM blob WHERE ref_count = 0 AND free_since_ms <= $1
          ORDER BY free_since_ms LIMIT ${stepRows} FOR UPDATE SKIP LOCKED) RETURNING hash),
       pieces AS (DELETE FROM blob_piece USING gone WHERE blob_piece.hash = gone.hash)
       SELECT count(*) AS freed FROM gone`,
  ),
  freeBatchKeys: freeOldest("freeBatchKeys", "batch_key", "key", "at_ms"),
  freeCommitKeys: freeOldest("freeCommitKeys", "commit_key", "key", "at_ms", commitKeyRows),
  freeKeyed: freeOldest("freeKeyed", "keyed", "key", "expires_at_ms"),
  // Parts go in the order in which they came, each by its own age.
  freeJourneys: statement(
    "freeJourneys",
    `WITH gone AS (DELETE FROM journey_part WHERE at_ms <= $1 AND number IN
         (SELECT number FROM journey_part ORDER BY number LIMIT ${stepRows}) RETURNING number)
       SELECT count(*) AS freed FROM gone`,
  ),
} as const;

/** What else an account leaves behind, each with the key of its table. */
const clustered = [
  ["copy", "mailbox, uid"],
  ["log", "mod_seq, place"],
  ["thread", "key"],
  ["mailbox", "id"],
  ["subscription", "name"],
].map(([table, key]) =>
  statement(
    `freeAll_${table}`,
    `WITH gone AS (DELETE FROM ${table} WHERE account = $1 AND (${key}) IN
         (SELECT ${key} FROM ${table} WHERE account = $1 LIMIT ${stepRows}) RETURNING 1)
       SELECT count(*) AS freed FROM gone`,
  ),
);

function freeOldest(
  name: string,
  table: string,
  key: string,
  age: string,
  rows = stepRows,
): Statement {
  return statement(
    name,
    `WITH gone AS (DELETE FROM ${table} WHERE ${key} IN
         (SELECT ${key} FROM ${table} WHERE ${age} <= $1 ORDER BY ${age} LIMIT ${rows})
         RETURNING 1)
       SELECT count(*) AS freed FROM gone`,
  );
}

export interface HousekeeperOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly retention: Retention;
}

/** Frees a little inside a transaction; returns how much, 0 when nothing was left to free. */
type Step = (connection: Connection, nowMs: number) => Promise<number>;

/** Frees what is past its retention in small transactions, between which mail flows. */
export class Housekeeper {
  readonly #options: HousekeeperOptions;
  readonly #steps: readonly Step[];
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: HousekeeperOptions) {
    this.#options = options;
    this.#steps = stepsOf(options.retention);
  }

  run(nowMs: number, budgetMs: number): Promise<Maintained> {
    const running = this.#running.then(() => this.#run(nowMs, budgetMs));
    this.#running = running.catch(ignoreTold);
    return running;
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#options.connector.close();
  }

  async #run(nowMs: number, budgetMs: number): Promise<Maintained> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + budgetMs;
    let freedCount = 0;
    for (let round = 0; round < stepsMax && clock.monotonicMs() <= endMs; round++) {
      let freed = 0;
      for (const step of this.#steps) freed += await this.#transact(step, nowMs);
      freedCount += freed;
      const forgotten = await this.#transact(freeCommitKeys, nowMs);
      if (freed + forgotten === 0) return { isIdle: true, freedCount, packedCount: 0 };
    }
    return { isIdle: false, freedCount, packedCount: 0 };
  }

  async #transact(step: Step, nowMs: number): Promise<number> {
    const { connector } = this.#options;
    try {
      const connection = await connector.get();
      try {
        await connection.run("BEGIN");
        const [row] = await connection.query(sql.lock, [housekeepingLock]);
        const freed = row?.["is_ours"] === true ? await step(connection, nowMs) : 0;
        await connection.run("COMMIT");
        return freed;
      } catch (error) {
        await connection.run("ROLLBACK").catch(() => connection.destroy());
        throw error;
      }
    } catch (error) {
      if (faultOf(error) === "refused") throw error;
      throw unavailable(error);
    }
  }
}

function stepsOf(retention: Retention): readonly Step[] {
  return [
    async (connection, nowMs) => {
      const beforeMs = nowMs - retention.messageMs;
      await connection.query(sql.lockGoneMessages, [beforeMs]);
      return freed(connection, sql.freeMessages, [beforeMs, nowMs]);
    },
    freeAccounts,
    (connection, nowMs) => freed(connection, sql.freeBlobs, [nowMs - retention.blobMs]),
    (connection, nowMs) => freed(connection, sql.freeBatchKeys, [nowMs - retention.batchKeyMs]),
    (connection, nowMs) => freed(connection, sql.freeKeyed, [nowMs]),
    (connection, nowMs) => freed(connection, sql.freeJourneys, [nowMs - retention.journeyMs]),
  ];
}

/** Not counted: nobody outside of this engine knows of them. */
function freeCommitKeys(connection: Connection, nowMs: number): Promise<number> {
  return freed(connection, sql.freeCommitKeys, [nowMs - commitKeyMs]);
}

async function freeAccounts(connection: Connection, nowMs: number): Promise<number> {
  const [row] = await connection.query(sql.removedAccount);
  if (row === undefined) return 0;
  const id = numberOf(row, "id");
  const messages = await freed(connection, sql.freeMessagesOfAccount, [id, nowMs]);
  if (messages > 0) return messages;
  for (const query of clustered) {
    const rows = await freed(connection, query, [id]);
    if (rows > 0) return rows;
  }
  await connection.query(sql.forgetAccount, [id]);
  return 1;
}

async function freed(
  connection: Connection,
  query: Statement,
  parameters: readonly Parameter[],
): Promise<number> {
  const [row] = await connection.query(query, parameters);
  return numberOf(row, "freed");
}

/** Whoever asked was told. */
function ignoreTold(): void {}
