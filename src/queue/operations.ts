import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { QueueId } from "../base/ids.ts";
import type { Change } from "../store/batch.ts";
import type { JourneyStep } from "../store/journeys.ts";
import type { QueueChange, QueueEntry } from "../store/queue.ts";
import type { Store } from "../store/store.ts";
import type { Report } from "./judge-attempt.ts";
import type { Settler } from "./settler.ts";

/** What people may do with the queue by hand. Each is one batch with its journey step. */
export interface QueueOperations {
  /** Messages by rising number, from behind `after`. */
  list(options?: {
    readonly after?: QueueId;
    readonly limit?: number;
  }): Promise<readonly QueueEntry[]>;
  find(id: QueueId): Promise<QueueEntry | undefined>;
  counts(): Promise<{ readonly messages: number; readonly recipients: number }>;
  /**
   * Makes all its recipients due now, held ones excepted, and forgets who did not answer lately.
   * @throws Refusal `noSuchMessage`, as all that follow.
   */
  retryNow(id: QueueId, actor: string): Promise<void>;
  /** Leaves it where it is until released. It still expires, at its first attempt after that. */
  hold(id: QueueId, actor: string): Promise<void>;
  release(id: QueueId, actor: string): Promise<void>;
  /** Takes it out, with or without a notice of failure to its sender. */
  remove(id: QueueId, actor: string, withNotice: boolean): Promise<void>;
}

export interface OperationsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly settler: Settler;
  /** Called before a retry by hand. */
  resume(): void;
}

export function createQueueOperations(options: OperationsOptions): QueueOperations {
  const { store, clock, settler, resume } = options;
  const get = async (id: QueueId): Promise<QueueEntry> => {
    const entry = await store.queue.find(id);
    if (entry === undefined) throw new Refusal("noSuchMessage", "No such message in the queue.");
    return entry;
  };
  const act = async (
    id: QueueId,
    actor: string,
    step: string,
    changesOf: (entry: QueueEntry) => Promise<readonly Change[]>,
  ): Promise<void> => {
    const entry = await get(id);
    const atMs = clock.now();
    const steps: JourneyStep[] = [{ atMs, kind: step, facts: { by: actor } }];
    const { journey } = entry.message;
    const changes = [
      ...(await changesOf(entry)),
      { kind: "journey.append", journey, steps } as const,
    ];
    await store.apply({ actor, atMs, changes });
  };
  const hold = (id: QueueId, isHeld: boolean): QueueChange => ({
    kind: "queue.hold",
    queue: id,
    isHeld,
  });

  return {
    list: (page) => store.queue.list(page),
    find: (id) => store.queue.find(id),
    counts: () => store.queue.counts(),
    retryNow: (id, actor) => {
      resume();
      return act(id, actor, "queue.retryAsked", async () => [
        { kind: "queue.retryAt", queue: id, dueAtMs: clock.now() },
      ]);
    },
    hold: (id, actor) => act(id, actor, "queue.held", async () => [hold(id, true)]),
    release: (id, actor) => act(id, actor, "queue.unheld", async () => [hold(id, false)]),
    remove: (id, actor, withNotice) =>
      act(id, actor, "queue.removed", async (entry) => [
        { kind: "queue.remove", queue: id },
        ...(withNotice ? await settler.noticeChanges(entry, cancelled(entry)) : []),
      ]),
  };
}

/** Reports to those who want to hear of failures. */
function cancelled(entry: QueueEntry): readonly Report[] {
  const text = "removed from the queue by the administrator";
  return entry.recipients
    .filter(({ notify }) => notify.includes("failure"))
    .map((recipient) => ({
      action: "failed",
      recipient,
      status: "5.0.0",
      answer: { host: "", code: 0, status: "5.0.0", text, tls: "" },
    }));
}
