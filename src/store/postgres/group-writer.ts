import { assert } from "../../base/assert.ts";
import { type Clock, sleep } from "../../base/clock.ts";
import { Refusal, asRefusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import { type Random, randomName } from "../../base/random.ts";
import type { Connection } from "./connection.ts";
import { type Connector, retryMs, unavailable } from "./connector.ts";
import { faultOf } from "./database-faults.ts";
import type { GroupTables, NumberPools } from "./group-tables.ts";
import { loadGroup } from "./load-group.ts";
import { Needs } from "./needs.ts";
import { writeGroup } from "./write-group.ts";

export interface GroupWriterOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly owner: string;
  /** How long a batch waits for a database that does not answer. */
  readonly patienceMs: number;
  /** How long it waits to learn whether its commit happened, when that is not known. */
  readonly doubtMs: number;
  readonly groupJobsMax: number;
  readonly groupBytesMax: number;
}

/** What a job wrote: the answer, and what to do once it is durable. */
export interface Written<Answer> {
  readonly answer: Answer;
  readonly publish?: () => void;
}

interface Job {
  readonly bytes: number;
  readonly sinceMs: number;
  readonly addNeeds: (needs: Needs) => void;
  /** Writes to the tables; returns what to do once it is durable. May run again in a new try. */
  readonly run: (tables: GroupTables) => () => void;
  readonly fail: (refusal: Refusal) => void;
}

/** What became of a job: to be told once the commit is durable. */
type Outcome = () => void;

/** A commit that lost against another, this often in a row, is given up. */
const conflictsMax = 20;

/**
 * Commits jobs in groups, one group at a time: all that arrives while a commit is under way shares
 * the next. What the rules refuse is taken back in memory and never reaches the database; when the
 * database itself refuses a group, its jobs are tried one by one.
 *
 * Each commit has a name of its own, written with it. When the connection is lost and nobody knows
 * whether the commit happened, the next try under the same name finds out: the name is there, with
 * the number of the try that wrote it, or this one writes it and the others cannot come any more,
 * since two rows of one name cannot be.
 */
export class GroupWriter {
  readonly #options: GroupWriterOptions;
  readonly #pools: NumberPools = { account: [], queue: [], lease: [] };
  #waiting: Job[] = [];
  #running: Promise<void> | undefined;
  #closed: Refusal | undefined;

  constructor(options: GroupWriterOptions) {
    this.#options = options;
  }

  write<Answer>(
    bytes: number,
    addNeeds: (needs: Needs) => void,
    run: (tables: GroupTables) => Written<Answer>,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed);
      const runJob = (tables: GroupTables) => {
        const { answer, publish } = run(tables);
        return () => {
          publish?.();
          resolve(answer);
        };
      };
      const sinceMs = this.#options.clock.monotonicMs();
      this.#waiting.push({ bytes, sinceMs, addNeeds, run: runJob, fail: reject });
      this.#running ??= this.#runAll();
    });
  }

  /** Commits what waits and refuses everything after. */
  async close(): Promise<void> {
    this.#closed ??= new Refusal("shuttingDown", "The server is stopping.");
    await this.#running;
    await this.#options.connector.close();
  }

  /** Stops as in a power cut. */
  crash(): void {
    this.#closed = new Refusal("unavailable", "The store has crashed.");
    for (const { fail } of this.#waiting.splice(0)) fail(this.#closed);
    this.#options.connector.destroy();
  }

  async #runAll(): Promise<void> {
    // After the input that is ready now was read, so that all of it shares the commit.
    // oxlint-disable-next-line no-restricted-globals -- a turn of the loop, not time
    await new Promise((next) => setImmediate(next));
    while (this.#waiting.length > 0) await this.#commit(this.#takeGroup());
    this.#running = undefined;
  }

  #takeGroup(): readonly Job[] {
    const { groupJobsMax, groupBytesMax } = this.#options;
    let bytes = 0;
    let count = 0;
    for (const job of this.#waiting) {
      if (count > 0 && (count >= groupJobsMax || bytes + job.bytes > groupBytesMax)) break;
      bytes += job.bytes;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Job[]): Promise<void> {
    const commit = new Commit(group, this.#options, this.#pools);
    for (;;) {
      try {
        for (const tell of await commit.attempt()) tell();
        return;
      } catch (error) {
        const refusal = this.#judge(commit, error);
        if (refusal !== undefined) {
          if (refusal.reason !== "unavailable" && group.length > 1 && !commit.isInDoubt) {
            for (const job of group) await this.#commit([job]);
          } else {
            for (const { fail } of group) fail(refusal);
          }
          return;
        }
      }
      // At once after the first: mostly it is only the connection that is gone.
      await sleep(this.#options.clock, commit.tries++ === 0 ? 1 : retryMs);
      this.#refuseOverdue();
    }
  }

  /** Undefined: try again. */
  #judge(commit: Commit, error: unknown): Refusal | undefined {
    if (this.#closed?.reason === "unavailable") return this.#closed;
    const { clock, log, patienceMs, doubtMs } = this.#options;
    const fault = faultOf(error);
    const waitedMs = clock.monotonicMs() - commit.sinceMs;
    if (fault === "conflict" && ++commit.conflicts < conflictsMax && waitedMs < doubtMs) {
      return undefined;
    }
    if (fault === "connectionLost") {
      if (waitedMs < (commit.isInDoubt ? doubtMs : patienceMs)) return undefined;
    }
    log.write("error", "store.commitFailed", { error: String(error) });
    if (fault === "diskFull") {
      return new Refusal("diskFull", "The disk is full; try again later.", String(error));
    }
    return fault === "refused" ? asRefusal(error) : unavailable(error);
  }

  /** Who waited long enough behind a commit that cannot go on hears so. */
  #refuseOverdue(): void {
    const { clock, patienceMs } = this.#options;
    const latestMs = clock.monotonicMs() - patienceMs;
    const overdue = this.#waiting.filter((job) => job.sinceMs <= latestMs);
    if (overdue.length === 0) return;
    this.#waiting = this.#waiting.filter((job) => job.sinceMs > latestMs);
    for (const { fail } of overdue) fail(unavailable("the database does not answer"));
  }
}

/** One group on its way into the database, over as many tries as it takes. */
class Commit {
  readonly sinceMs: number;
  tries = 0;
  conflicts = 0;
  readonly #jobs: readonly Job[];
  readonly #options: GroupWriterOptions;
  readonly #pools: NumberPools;
  readonly #key: string;
  readonly #needs = new Needs();
  /** Of the tries, by number, of which nobody knows whether they were committed. */
  readonly #doubtful = new Map<number, readonly Outcome[]>();
  #lastTry = 0;

  constructor(jobs: readonly Job[], options: GroupWriterOptions, pools: NumberPools) {
    this.#jobs = jobs;
    this.#options = options;
    this.#pools = pools;
    this.#key = randomName(options.random, 20);
    this.sinceMs = Math.min(...jobs.map((job) => job.sinceMs));
    for (const job of jobs) job.addNeeds(this.#needs);
  }

  get isInDoubt(): boolean {
    return this.#doubtful.size > 0;
  }

  async attempt(): Promise<readonly Outcome[]> {
    const { connector, owner, clock } = this.#options;
    const connection = await connector.get();
    const commitTry = ++this.#lastTry;
    try {
      const doubtfulKey = this.isInDoubt ? this.#key : undefined;
      const loaded = await loadGroup(connection, this.#needs, this.#pools, doubtfulKey);
      const { tables, committedTry } = loaded;
      if (committedTry !== undefined) {
        await connection.run("ROLLBACK");
        return this.#outcomesOf(committedTry);
      }
      const outcomes = this.#jobs.map((job) => runJob(job, tables));
      this.#doubtful.set(commitTry, outcomes);
      const nowMs = clock.now();
      const commitKey = this.#key;
      await writeGroup({ connection, tables, commitKey, commitTry, owner, nowMs });
      return outcomes;
    } catch (error) {
      await this.#rollBack(connection, commitTry, error);
      throw error;
    }
  }

  #outcomesOf(commitTry: number): readonly Outcome[] {
    const outcomes = this.#doubtful.get(commitTry);
    assert(outcomes !== undefined, "a commit that is there was in doubt");
    return outcomes;
  }

  async #rollBack(connection: Connection, commitTry: number, error: unknown): Promise<void> {
    if (faultOf(error) === "connectionLost" || connection.isLost) return connection.destroy();
    // The database has answered: it did not commit this one. Earlier ones may still be under way.
    this.#doubtful.delete(commitTry);
    await connection.run("ROLLBACK").catch(() => connection.destroy());
  }
}

/** Takes back in memory what a job wrote before it was refused; its neighbours stay. */
function runJob(job: Job, tables: GroupTables): Outcome {
  try {
    const publish = job.run(tables);
    tables.undo.forget();
    return publish;
  } catch (error) {
    tables.undo.undo();
    const refusal = asRefusal(error);
    return () => job.fail(refusal);
  }
}
