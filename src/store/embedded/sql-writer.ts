import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../base/clock.ts";
import { Refusal, asRefusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import type { UndoLog } from "../rules/undo-log.ts";
import type { Work } from "../rules/work.ts";
import type { SqlKeyed } from "./sql-keyed.ts";
import type { Statements } from "./statements.ts";
import type { Unflushed } from "./unflushed.ts";

export interface SqlWriterOptions {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  /** What is kept in memory beside the database. */
  readonly caches: readonly WriterCache[];
  readonly undo: UndoLog;
  readonly keyed: SqlKeyed;
  readonly unflushed: Unflushed;
  /** Makes durable what was committed. The loop goes on meanwhile. */
  readonly flush: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Told after every flush about how much it wrote, and for how many jobs. The next commit waits
   * for what it returns.
   */
  readonly onCommit: (bytes: number, jobCount: number) => Promise<void> | undefined;
  /** A group is committed once it has taken so long, so that others get their turn. */
  readonly groupMsMax: number;
  /** Bytes of bodies in a group, at most; a single larger body goes alone. */
  readonly groupBytesMax: number;
}

/** State in memory that is the database's, plus what the transaction at hand has not written. */
export interface WriterCache {
  /** Writes the rest, before the commit. */
  flush(): void;
  /** Forgets everything: a commit failed, and only the database knows what is true. */
  clear(): void;
}

/** What a job wrote: the answer, and what to do once it is durable. */
export interface Written<Answer> {
  readonly answer: Answer;
  readonly publish?: () => void;
  /** What readers may see of it; absent when that may be anything. */
  readonly work?: Work;
}

interface Job {
  readonly bytes: number;
  /** Writes; returns what to do once it is durable. Throws to have its writes taken back. */
  readonly run: () => DoneJob;
  readonly fail: (refusal: Refusal) => void;
}

interface DoneJob {
  readonly work: Work | undefined;
  readonly publish: () => void;
}

/** Jobs of one commit. */
interface Group {
  readonly jobs: readonly Job[];
  readonly done: readonly DoneJob[];
}

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const sqliteFull = 13;
const sqliteConstraint = 19;

/**
 * The only writer. All jobs that wait share one transaction and one flush; each has a savepoint,
 * so that a job that fails takes back its own writes and nobody else's. While the disk works, the
 * next group gathers (decision 0007).
 */
export class SqlWriter {
  readonly #options: SqlWriterOptions;
  #waiting: Job[] = [];
  #isScheduled = false;
  #closed: Refusal | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(options: SqlWriterOptions) {
    this.#options = options;
  }

  /** `bytes` is about what the job adds to the database. */
  write<Answer>(bytes: number, run: () => Written<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed);
      const runJob = () => {
        const { answer, publish, work } = run();
        const publishAndAnswer = () => {
          publish?.();
          resolve(answer);
        };
        return { work, publish: publishAndAnswer };
      };
      this.#waiting.push({ bytes, run: runJob, fail: reject });
      this.#schedule();
    });
  }

  /** Commits what waits and refuses everything after. */
  async close(): Promise<void> {
    const shuttingDown = new Refusal("shuttingDown", "The server is stopping.");
    if (this.#isScheduled) {
      this.#closed ??= shuttingDown;
      await new Promise<void>((done) => this.#whenIdle.push(done));
    }
    this.#closed ??= shuttingDown;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After the input that is ready now was read, so that all of it shares the flush.
    // oxlint-disable-next-line no-restricted-globals -- a turn of the loop, not time
    setImmediate(() => void this.#commitAndFlush());
  }

  /** Never rejects. */
  async #commitAndFlush(): Promise<void> {
    const group = this.#commitGroup();
    if (group !== undefined) await this.#flushGroup(group);
    this.#isScheduled = false;
    if (this.#waiting.length > 0) this.#schedule();
    else for (const done of this.#whenIdle.splice(0)) done();
  }

  #commitGroup(): Group | undefined {
    const jobs: Job[] = [];
    const done: DoneJob[] = [];
    try {
      this.#options.statements.begin.run();
      this.#runJobs(jobs, done);
      for (const cache of this.#options.caches) cache.flush();
      this.#options.keyed.flush();
      this.#options.statements.commit.run();
    } catch (error) {
      const refusal = this.#rollBack(error);
      for (const { fail } of jobs) fail(refusal);
      return undefined;
    }
    this.#options.keyed.flushed();
    return { jobs, done };
  }

  async #flushGroup({ jobs, done }: Group): Promise<void> {
    const { unflushed, flush, onCommit, log } = this.#options;
    unflushed.begin(done.map(({ work }) => work));
    try {
      await flush();
    } catch (error) {
      log.write("error", "store.flushFailed", { error: String(error) });
      const refusal = this.#stop(error);
      unflushed.fail(refusal);
      for (const { fail } of jobs) fail(refusal);
      return;
    }
    unflushed.end();
    for (const { publish } of done) publish();
    await onCommit(sum(jobs.map((job) => job.bytes)), jobs.length);
  }

  #runJobs(taken: Job[], written: DoneJob[]): void {
    const { clock, groupMsMax, groupBytesMax } = this.#options;
    const startMs = clock.monotonicMs();
    let bytes = 0;
    let index = 0;
    try {
      for (; index < this.#waiting.length; index++) {
        const job = this.#waiting[index];
        if (job === undefined) break;
        if (index > 0 && bytes + job.bytes > groupBytesMax) break;
        if (index > 0 && clock.monotonicMs() - startMs >= groupMsMax) break;
        bytes += job.bytes;
        taken.push(job);
        const done = this.#runJob(job);
        if (done === undefined) taken.pop();
        else written.push(done);
      }
    } finally {
      this.#waiting = this.#waiting.slice(Math.max(index, taken.length));
    }
  }

  /** Returns undefined when the job failed by itself and was told so. */
  #runJob(job: Job): DoneJob | undefined {
    const { statements, undo } = this.#options;
    statements.savepoint.run();
    try {
      const done = job.run();
      statements.release.run();
      undo.forget();
      return done;
    } catch (error) {
      if (isDatabaseFailure(error)) throw error;
      statements.rollbackTo.run();
      statements.release.run();
      undo.undo();
      job.fail(asRefusal(error));
      return undefined;
    }
  }

  /** Nothing of the group was kept. Says why, and stops for good when the disk failed. */
  #rollBack(error: unknown): Refusal {
    const { database, statements, caches, undo, log } = this.#options;
    if (database.isTransaction) statements.rollback.run();
    undo.forget();
    for (const cache of caches) cache.clear();
    log.write("error", "store.commitFailed", { error: String(error) });
    if (resultCode(error) === sqliteFull) {
      return new Refusal("diskFull", "The disk is full; try again later.", String(error));
    }
    return this.#stop(error);
  }

  /**
   * After a failed flush nobody knows what is on the disk, and a second flush may succeed and mean
   * nothing. Only opening the store again reads what is really there.
   */
  #stop(error: unknown): Refusal {
    const refusal = new Refusal("unavailable", "The store cannot answer now.", String(error));
    this.#closed ??= refusal;
    for (const { fail } of this.#waiting.splice(0)) fail(refusal);
    return refusal;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Whether SQLite could not do its work, as against one statement being wrong. */
function isDatabaseFailure(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && code !== sqliteConstraint;
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 255 : undefined;
}
