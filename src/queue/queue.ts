import { assert } from "../base/assert.ts";
import type { Clock, Timer } from "../base/clock.ts";
import { asRefusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Lease } from "../store/queue.ts";
import type { Store } from "../store/store.ts";
import { consignmentOf } from "./consignment-of.ts";
import type { Courier, RecipientOutcome } from "./courier.ts";
import { Destinations } from "./destinations.ts";
import { formatAnswer, judgeAttempt, judgeUntried, type Judgement } from "./judge-attempt.ts";
import type { NoticeKeeper } from "./notice.ts";
import { createQueueOperations, type QueueOperations } from "./operations.ts";
import { defaultQueueSettings, type QueueSettings } from "./settings.ts";
import { Settler } from "./settler.ts";

export interface QueueOptions {
  readonly store: Store;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly keepNotice: NoticeKeeper;
  /** Name of this server, in notices. */
  readonly hostName: string;
  readonly settings?: Partial<QueueSettings>;
}

/** The outbound queue at work. */
export interface Queue {
  readonly operations: QueueOperations;
  /** Attempts under way. */
  readonly attemptCount: number;
  start(): void;
  /**
   * Takes no more leases, lets attempts end within `limitMs`, breaks off the rest and gives back
   * what was not tried. Resolves when nothing is under way any more.
   */
  stop(limitMs: number): Promise<void>;
}

export function createQueue(options: QueueOptions): Queue {
  return new QueueWorker(options);
}

class QueueWorker implements Queue {
  readonly operations: QueueOperations;
  readonly #options: QueueOptions;
  readonly #settings: QueueSettings;
  readonly #destinations: Destinations;
  readonly #settler: Settler;
  readonly #running = new Map<Promise<void>, AbortController>();
  readonly #stopping = new AbortController();
  /** Leased and not started yet, in order; each destination's are few. */
  #waiting: Lease[] = [];
  #hints: Disposable | undefined;
  #timer: Timer | undefined;
  #state: "idle" | "open" | "closing" = "idle";
  #pumping: Promise<void> | undefined;
  #isPumpWanted = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#settings = { ...defaultQueueSettings, ...options.settings };
    const { leaseMs, attemptTimeoutMs, attemptsMax, attemptsPerDestinationMax } = this.#settings;
    assert(leaseMs > attemptTimeoutMs, "a lease outlasts its attempt");
    assert(Math.min(attemptsMax, attemptsPerDestinationMax) > 0, "something may be tried");
    this.#destinations = new Destinations(this.#settings);
    this.#settler = new Settler({ ...options, settings: this.#settings });
    this.operations = createQueueOperations({
      ...options,
      settler: this.#settler,
      resume: () => this.#destinations.resume(),
    });
  }

  get attemptCount(): number {
    return this.#running.size;
  }

  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "open";
    this.#hints = this.#options.store.feed.watchQueue(() => this.#pump());
    this.#pump();
  }

  async stop(limitMs: number): Promise<void> {
    this.#state = "closing";
    this.#hints?.[Symbol.dispose]();
    this.#timer?.cancel();
    await this.#pumping;
    const waiting = this.#waiting.splice(0);
    const giving = Promise.all(waiting.map((lease) => this.#giveBack(lease, "stopping")));
    const limit = this.#options.clock.after(limitMs, () => {
      this.#stopping.abort();
      for (const controller of this.#running.values()) controller.abort();
    });
    await Promise.all([giving, ...this.#running.keys()]);
    limit.cancel();
  }

  /** Starts what may start. Calls while it works make it look once more. */
  #pump(): void {
    this.#isPumpWanted = true;
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = undefined;
      // A hint that came while the timer was being set.
      if (this.#isPumpWanted && this.#state === "open") this.#pump();
    });
  }

  async #pumpAll(): Promise<void> {
    const { clock, log, store } = this.#options;
    let wakeMs = clock.now() + this.#settings.pollMs;
    try {
      while (this.#isPumpWanted && this.#state === "open") {
        this.#isPumpWanted = false;
        while (await this.#leaseMore());
      }
      const nowMs = clock.now();
      for (const dueMs of [
        await store.queue.nextDueAtMs(),
        this.#destinations.nextResumeMs(nowMs),
      ]) {
        // What is due already waits for an attempt to end, and that end pumps.
        if (dueMs !== undefined && dueMs > nowMs) wakeMs = Math.min(wakeMs, dueMs);
      }
    } catch (error) {
      log.write("error", "queue.storeFailed", { text: asRefusal(error).message });
      this.#isPumpWanted = false;
    }
    this.#timer?.cancel();
    if (this.#state !== "open") return;
    this.#timer = clock.after(Math.max(1, wakeMs - clock.now()), () => this.#pump());
  }

  /** Takes as many leases as may run. @returns whether there may be more to take. */
  async #leaseMore(): Promise<boolean> {
    this.#startWaiting();
    const { attemptsMax, leasesPerCallMax, leaseMs } = this.#settings;
    const limit = Math.min(attemptsMax - this.#running.size, leasesPerCallMax);
    if (limit <= 0 || this.#state !== "open") return false;
    const nowMs = this.#options.clock.now();
    const skipDestinations = this.#destinations.skipped(nowMs);
    const leases = await this.#options.store.queue.lease({
      nowMs,
      leaseMs,
      limit,
      skipDestinations,
    });
    for (const lease of leases) {
      this.#waiting.push(lease);
      this.#destinations.addWaiting(destinationOf(lease));
    }
    if (this.#state === "open") this.#startWaiting();
    return leases.length === limit;
  }

  #startWaiting(): void {
    const nowMs = this.#options.clock.now();
    const later: Lease[] = [];
    for (const lease of this.#waiting.splice(0)) {
      const destination = destinationOf(lease);
      const isLate = nowMs + this.#settings.attemptTimeoutMs >= lease.untilMs;
      if (this.#running.size >= this.#settings.attemptsMax) {
        later.push(lease);
      } else if (this.#destinations.isPaused(destination, nowMs)) {
        this.#run(() => this.#giveBack(lease, "nobody answers there"));
      } else if (!this.#destinations.canStart(destination)) {
        later.push(lease);
      } else if (isLate) {
        // It waited so long that it could run out during the attempt.
        this.#run(() => this.#giveBack(lease, "waited too long"));
      } else {
        this.#destinations.start(destination);
        this.#run((signal) => this.#attempt(lease, signal));
      }
    }
    this.#waiting = later;
  }

  #run(work: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    const run: Promise<void> = work(controller.signal)
      .catch((error: unknown) => {
        this.#options.log.write("error", "queue.bug", { detail: asRefusal(error).detail });
      })
      .finally(() => {
        this.#running.delete(run);
        if (this.#state === "open") this.#pump();
      });
    this.#running.set(run, controller);
    if (this.#stopping.signal.aborted) controller.abort();
  }

  async #attempt(lease: Lease, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#options;
    const destination = destinationOf(lease);
    const outcomes = await this.#carry(lease, signal);
    const nowMs = clock.now();
    const facts = { entry: lease.entry, nowMs, settings: this.#settings, random };
    const judgements = lease.recipients.map((recipient): Judgement => {
      const outcome = outcomes.get(recipient.recipient) ?? silence(recipient.recipient);
      const wasBrokenOff = this.#stopping.signal.aborted && isUnanswered(outcome);
      if (wasBrokenOff) return judgeUntried(recipient, nowMs, "stopping");
      const judgement = judgeAttempt(recipient, outcome, facts);
      log.write("info", "queue.attempted", {
        queue: lease.entry.id,
        recipient: recipient.address,
        result: judgement.step.kind,
        answer: formatAnswer(outcome.answer),
      });
      return judgement;
    });
    const wasSilent = outcomes.size > 0 && [...outcomes.values()].every(isSilent);
    this.#destinations.end(destination, wasSilent, nowMs);
    await this.#settler.settle(lease, judgements, this.#stopping.signal);
  }

  /** One attempt within its time limit. @returns outcomes by recipient. */
  async #carry(lease: Lease, signal: AbortSignal): Promise<Map<number, RecipientOutcome>> {
    const { clock, courier, log, store } = this.#options;
    const limit = new AbortController();
    const timer = clock.after(this.#settings.attemptTimeoutMs, () => limit.abort());
    try {
      const consignment = consignmentOf(lease, store.blobs);
      const outcomes = await courier.carry(consignment, AbortSignal.any([signal, limit.signal]));
      return new Map(outcomes.map((outcome) => [outcome.recipient, outcome]));
    } catch (error) {
      log.write("error", "queue.courierFailed", {
        queue: lease.entry.id,
        detail: asRefusal(error).detail ?? asRefusal(error).message,
      });
      return new Map();
    } finally {
      timer.cancel();
    }
  }

  async #giveBack(lease: Lease, why: string): Promise<void> {
    this.#destinations.dropWaiting(destinationOf(lease));
    const nowMs = this.#options.clock.now();
    const judgements = lease.recipients.map((recipient) => judgeUntried(recipient, nowMs, why));
    await this.#settler.settle(lease, judgements, this.#stopping.signal);
  }
}

function destinationOf(lease: Lease): string {
  return lease.recipients[0]?.destination ?? "";
}

/** Whether the remote said nothing about it. */
function isUnanswered(outcome: RecipientOutcome): boolean {
  return outcome.kind === "delayed" && outcome.answer.code === 0;
}

/** Whether network or DNS kept us from it (RFC 3463 §3.5): no use to try other mail there now. */
function isSilent(outcome: RecipientOutcome): boolean {
  return isUnanswered(outcome) && outcome.answer.status.startsWith("4.4.");
}

function silence(recipient: number): RecipientOutcome {
  const text = "this server could not send it";
  return {
    kind: "delayed",
    recipient,
    answer: { host: "", code: 0, status: "4.3.0", text, tls: "" },
  };
}
