import { assert } from "../base/assert.ts";
import type { Clock, Timer } from "../base/clock.ts";

/** A clock that stands still until told to go on: for tests and the simulator. */
export interface VirtualClock extends Clock {
  /** Timers that are set and have not fired. */
  readonly timerCount: number;
  /** When the next timer fires, milliseconds since 1970; undefined without any. */
  readonly nextDueMs: number | undefined;
  /** Lets everything that can go on without time passing go on. */
  settle(): Promise<void>;
  /** Passes `ms` of time: fires what falls due, in order, and settles after each. */
  advance(ms: number): Promise<void>;
  /**
   * Passes as much time as `work` needs, and returns its result.
   * @throws InvariantError when it still waits with no timer left, or after `limitMs`.
   */
  run<Result>(work: Promise<Result>, limitMs?: number): Promise<Result>;
}

export interface VirtualClockOptions {
  /** Milliseconds since 1970; 2026-01-01T00:00:00Z by default. */
  readonly startMs?: number;
  /**
   * Waits until no work is under way that needs no time. By default two turns of the event loop,
   * which empty the queues of promises and ticks; give another when work runs in threads.
   */
  readonly settle?: () => Promise<void>;
}

interface Entry {
  readonly dueMs: number;
  /** Order of setting, so that timers of one moment fire in it. */
  readonly order: number;
  run: (() => void) | undefined;
}

const dayMs = 86_400_000;

export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const startMs = options.startMs ?? Date.UTC(2026, 0, 1);
  const settle = options.settle ?? twoTurns;
  const heap: Entry[] = [];
  // Since the start, not since 1970: there, a double could not hold small fractions of a
  // millisecond, and who sets a timer for such a rest would set it again for ever.
  let elapsedMs = 0;
  let orderNext = 0;
  let liveCount = 0;

  const dropCancelled = (): Entry | undefined => {
    while (heap[0] !== undefined && heap[0].run === undefined) pop(heap);
    return heap[0];
  };
  /** Fires the next timer due until `limitMs`; false when there is none. */
  const fireNext = async (limitMs: number): Promise<boolean> => {
    const entry = dropCancelled();
    if (entry === undefined || entry.dueMs > limitMs) return false;
    pop(heap);
    elapsedMs = Math.max(elapsedMs, entry.dueMs);
    const run = entry.run;
    entry.run = undefined;
    liveCount--;
    run?.();
    await settle();
    return true;
  };

  return {
    now: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    after(delayMs, run): Timer {
      const entry: Entry = { dueMs: elapsedMs + Math.max(0, delayMs), order: orderNext++, run };
      push(heap, entry);
      liveCount++;
      if (heap.length > compactionMin && liveCount < heap.length / 2) compact(heap);
      return {
        cancel: () => {
          if (entry.run === undefined) return;
          entry.run = undefined;
          liveCount--;
        },
      };
    },
    get timerCount() {
      return liveCount;
    },
    get nextDueMs() {
      const first = dropCancelled();
      return first === undefined ? undefined : startMs + first.dueMs;
    },
    settle,
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settle();
      while (await fireNext(untilMs));
      elapsedMs = untilMs;
    },
    async run(work, limitMs = 30 * dayMs) {
      const untilMs = elapsedMs + limitMs;
      let isDone = false;
      const done = () => {
        isDone = true;
      };
      work.then(done, done);
      await settle();
      while (!isDone) {
        const hasFired = await fireNext(untilMs);
        assert(hasFired || isDone, "the work waits for something that no timer will bring");
      }
      return work;
    },
  };
}

/** Below so many timers, cancelled ones simply stay until they are due. */
const compactionMin = 256;

/** Drops cancelled timers, so that waits that are always called off do not pile up. */
function compact(heap: Entry[]): void {
  const live = heap.filter((entry) => entry.run !== undefined);
  heap.length = 0;
  for (const entry of live) push(heap, entry);
}

async function twoTurns(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => setImmediate(resolve));
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** Adds to a binary heap whose first entry is the earliest. */
function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(entry, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

/** Takes the first entry off the heap. */
function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    if (left === undefined) break;
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
