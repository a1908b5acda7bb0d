import { Refusal, asRefusal } from "../../base/faults.ts";
import type { Batch } from "../batch.ts";
import type { FeedHub } from "../rules/feed-hub.ts";
import type { Work } from "../rules/work.ts";
import type { MemoryFaults, MemoryStoreOptions } from "./create-memory-store.ts";
import type { MemoryDisk } from "./memory-disk.ts";
import { MemoryTables } from "./memory-tables.ts";

/** Something to write in the next commit. `run` throws to have all its writes taken back. */
interface Job {
  readonly batches: readonly Batch[];
  /** Writes, and returns what to do once the commit is kept. */
  readonly run: (tables: MemoryTables) => (isAnswerLost: Refusal | undefined) => void;
  readonly fail: (refusal: unknown) => void;
}

/** What was written: the answer, and the work whose hints are to be sent. */
export interface Written<Answer> {
  readonly answer: Answer;
  readonly work?: Work | undefined;
}

/** Commits what arrives together, one job after the other. */
export class MemoryWriter {
  readonly #tables: MemoryTables;
  readonly #feed: FeedHub;
  readonly #faults: MemoryFaults;
  readonly #schedule: (commit: () => void) => void;
  #waiting: Job[] = [];
  #closing: Refusal | undefined;
  #idle: (() => void)[] = [];

  constructor(disk: MemoryDisk, feed: FeedHub, options: MemoryStoreOptions) {
    const { clock, commitDelayMs } = options;
    this.#tables = new MemoryTables(disk, () => clock.now());
    this.#feed = feed;
    this.#faults = options.faults ?? {};
    this.#schedule =
      commitDelayMs === undefined
        ? queueMicrotask
        : (commit) => void clock.after(commitDelayMs(), commit);
  }

  write<Answer>(
    batches: readonly Batch[],
    run: (tables: MemoryTables) => Written<Answer>,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined) return reject(this.#closing);
      this.#waiting.push({
        batches,
        fail: reject,
        run: (tables) => {
          const { answer, work } = run(tables);
          return (lost) => {
            if (work !== undefined) this.#feed.publish(work);
            if (lost === undefined) resolve(answer);
            else reject(lost);
          };
        },
      });
      if (this.#waiting.length === 1) this.#schedule(() => this.#commit());
    });
  }

  /** Commits what waits, then refuses everything. */
  async close(): Promise<void> {
    this.#closing ??= new Refusal("shuttingDown", "The server is stopping.");
    if (this.#waiting.length > 0) await new Promise<void>((done) => this.#idle.push(done));
  }

  crash(): void {
    this.#closing = new Refusal("unavailable", "The store has crashed.");
    for (const job of this.#waiting.splice(0)) job.fail(this.#closing);
  }

  #commit(): void {
    const jobs = this.#waiting.splice(0);
    const batches = jobs.flatMap((job) => job.batches);
    const refused = attempt(() => this.#faults.beforeCommit?.(batches));
    const kept = refused === undefined ? jobs.map((job) => this.#run(job)) : [];
    if (refused !== undefined) for (const job of jobs) job.fail(refused);
    const lost = attempt(() => this.#faults.afterCommit?.(batches));
    for (const publish of kept) publish?.(lost);
    for (const done of this.#idle.splice(0)) done();
  }

  #run(job: Job): ((lost: Refusal | undefined) => void) | undefined {
    try {
      const publish = job.run(this.#tables);
      this.#tables.undo.forget();
      return publish;
    } catch (error) {
      this.#tables.undo.undo();
      job.fail(asRefusal(error));
      return undefined;
    }
  }
}

/** What a fault hook throws, as callers of the store hear it. */
function attempt(hook: () => void): Refusal | undefined {
  try {
    hook();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    return new Refusal("unavailable", "The store cannot answer now.", String(error));
  }
}
