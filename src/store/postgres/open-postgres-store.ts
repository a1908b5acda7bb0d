import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { Refusal } from "../../base/faults.ts";
import { type Maintenance, type Retention, defaultRetention } from "../maintenance.ts";
import { applyBatch } from "../rules/apply-batch.ts";
import { inlineBytesMax } from "../rules/blob-limits.ts";
import { leaseDue } from "../rules/lease-due.ts";
import type { Store } from "../store.ts";
import { sizeOfBatch } from "./batch-size.ts";
import { BodyStager } from "./body-stager.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { Connector } from "./connector.ts";
import { explainOpening, parseDatabaseUrl } from "./database-faults.ts";
import { GroupWriter } from "./group-writer.ts";
import { Housekeeper } from "./housekeeping.ts";
import { PostgresBlobs } from "./postgres-blobs.ts";
import { createPostgresDirectory } from "./postgres-directory.ts";
import { createPostgresJourneys } from "./postgres-journeys.ts";
import { createPostgresKeyed } from "./postgres-keyed.ts";
import { createPostgresMail } from "./postgres-mail.ts";
import { createPostgresQueue } from "./postgres-queue.ts";
import { refuseUnfinishedMove } from "./move-marker.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { ConnectionPool } from "./reader-pool.ts";
import { SharedFeed } from "./shared-feed.ts";
import { freeLeases, takeName } from "./server-name.ts";
import { joinUse, shareStore } from "./store-lock.ts";

export interface PostgresLimits {
  /** Bodies up to this many bytes ride inside the commit. */
  readonly inlineBytesMax: number;
  readonly groupJobsMax: number;
  readonly groupBytesMax: number;
  readonly readersMax: number;
  /** How long anything waits for a database that does not answer. */
  readonly patienceMs: number;
  /** How long a batch waits to learn whether its commit happened. */
  readonly doubtMs: number;
  /** How often a server looks for changes of others in case a notice was lost. */
  readonly pollMs: number;
}

export const defaultPostgresLimits: PostgresLimits = {
  inlineBytesMax,
  groupJobsMax: 250,
  groupBytesMax: 4_194_304,
  readersMax: 8,
  patienceMs: 10_000,
  doubtMs: 300_000,
  pollMs: 5000,
};

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`; what it leaves out comes from PGPASSWORD & Co. */
  readonly url: string;
  /** Names this server among those that share the database, and again after a restart. */
  readonly serverName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits?: Partial<PostgresLimits>;
  readonly retention?: Retention;
}

export interface PostgresStore extends Store, Maintenance {
  /** Stops as in a power cut: what was not committed is lost, its callers hear `unavailable`. */
  crash(): void;
}

/** A server notices soon that a client is gone, and ends what that left open. */
const setUp: readonly string[] = [
  "SET tcp_keepalives_idle = 10",
  "SET tcp_keepalives_interval = 5",
  "SET tcp_keepalives_count = 3",
  "SET idle_in_transaction_session_timeout = 15000",
  "SET lock_timeout = 15000",
];

/** Acknowledged means durable, whatever the database is set to; more than that is left alone. */
const durable = `SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = 'off'`;

/**
 * Opens a store in PostgreSQL 15 or later that any number of servers may share.
 * @throws Refusal with one sentence when that cannot be; then nothing was changed.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const url = parseDatabaseUrl(options.url);
  const store = createStore(options);
  try {
    await store.open();
    return store;
  } catch (error) {
    store.crash();
    if (error instanceof Refusal) throw error;
    throw new Refusal("unavailable", explainOpening(error, url), String(error));
  }
}

function createStore(options: PostgresStoreOptions): PostgresStore & { open(): Promise<void> } {
  const { clock, random, log, serverName } = options;
  const limits = { ...defaultPostgresLimits, ...options.limits };
  const { patienceMs } = limits;
  const connection: ConnectionOptions = {
    url: options.url,
    name: `golub ${serverName}`.slice(0, 63),
    setUp: [...setUp, durable, shareStore],
  };
  // Single statements of the pool need no disk flush: they read, or are allowed to be lost.
  const lazy = { ...connection, setUp: [...setUp, "SET synchronous_commit = off", shareStore] };
  const pool = new ConnectionPool({
    connection: lazy,
    clock,
    patienceMs,
    connectionsMax: limits.readersMax,
  });
  const mail = createPostgresMail(pool);
  const feed = new SharedFeed({
    connection: lazy,
    pool,
    mail,
    clock,
    random,
    log,
    pollMs: limits.pollMs,
    onConnected: (listening) => takeName(listening, serverName),
  });
  const writer = new GroupWriter({
    connector: new Connector(connection),
    clock,
    random,
    log,
    owner: serverName,
    ...limits,
  });
  const stager = new BodyStager({ connector: new Connector(connection), clock, patienceMs });
  const blobs = new PostgresBlobs({ pool, stager, ...limits });
  const housekeeper = new Housekeeper({
    connector: new Connector(connection),
    clock,
    retention: options.retention ?? defaultRetention,
  });
  return {
    open: async () => {
      const first = await Connection.open({ ...connection, setUp: [...setUp, durable] });
      try {
        await joinUse(first);
        await prepareDatabase(first, log);
        await refuseUnfinishedMove(first);
        await feed.open();
        await freeLeases(first, serverName);
      } finally {
        await first.close();
      }
    },
    apply: (batch) =>
      writer.write(
        sizeOfBatch(batch),
        (needs) => needs.addBatch(batch),
        (tables) => {
          const { applied, work } = applyBatch(tables, batch);
          if (work === undefined) return { answer: applied };
          return { answer: applied, publish: () => feed.publish(work) };
        },
      ),
    mail,
    directory: createPostgresDirectory(pool),
    queue: createPostgresQueue(pool, (wanted) =>
      writer.write(
        0,
        (needs) => needs.addLease(wanted),
        (tables) => ({ answer: leaseDue(tables, wanted) }),
      ),
    ),
    journeys: createPostgresJourneys(pool),
    keyed: createPostgresKeyed(pool),
    blobs,
    feed,
    maintain: (nowMs, budgetMs) => housekeeper.run(nowMs, budgetMs),
    close: async () => {
      await writer.close();
      await housekeeper.close();
      await stager.close();
      await feed.close();
      await pool.close();
    },
    crash: () => {
      writer.crash();
      stager.crash();
      feed.crash();
      pool.crash();
    },
  };
}
