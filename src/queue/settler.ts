import { sleep, type Clock } from "../base/clock.ts";
import { asRefusal, type Refusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Change } from "../store/batch.ts";
import type { JourneyStep } from "../store/journeys.ts";
import type { Lease, QueueEntry } from "../store/queue.ts";
import type { Store } from "../store/store.ts";
import { formatAnswer, settleChange, type Judgement, type Report } from "./judge-attempt.ts";
import type { NoticeKeeper } from "./notice.ts";
import type { QueueSettings } from "./settings.ts";
import { writeNotice } from "./write-notice.ts";

export interface SettlerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly keepNotice: NoticeKeeper;
  readonly hostName: string;
  readonly settings: QueueSettings;
}

/** Waits between tries to write down what has happened. */
const retryMs = 1000;
const retryMsMax = 30_000;
/** Tries to keep a notice before its failure is put off. */
const noticeTriesMax = 3;
/** How long a failure waits whose notice cannot be kept. */
const putOffMs = 3_600_000;

/** Writes down what became of recipients: settlements, notices and journey in one batch. */
export class Settler {
  readonly #options: SettlerOptions;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /**
   * Settles a lease. A store that cannot write now is asked again until the lease runs out, since
   * what is not written down will be sent twice. Never throws.
   */
  async settle(lease: Lease, judgements: readonly Judgement[], signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const facts = { queue: lease.entry.id, lease: lease.lease };
    let wanted = judgements;
    let waitMs = retryMs;
    for (let tryCount = 1; ; tryCount++) {
      const refusal = await this.#tryWrite(lease, wanted);
      if (refusal === undefined) return;
      const { reason } = refusal;
      const hasReports = wanted.some(({ report }) => report !== undefined);
      if (reason === "conflict" && (!hasReports || clock.now() >= lease.untilMs)) {
        // Somebody else has the recipients, or they were removed by hand: theirs counts.
        // (With a notice in the batch the conflict may be the notice's.)
        log.write("warn", "queue.leaseLost", facts);
        return;
      }
      log.write("error", "queue.notSettled", {
        ...facts,
        reason,
        text: refusal.detail ?? refusal.text,
      });
      const isStoreSick = reason === "unavailable" || reason === "diskFull";
      if (hasReports && !isStoreSick && tryCount >= noticeTriesMax) {
        wanted = judgements.map((one) => withoutReport(one, clock.now() + putOffMs));
      }
      if (clock.now() + waitMs >= lease.untilMs || signal.aborted) return;
      try {
        await sleep(clock, waitMs, signal);
      } catch {
        // We stop: the lease runs out by itself.
        return;
      }
      waitMs = Math.min(2 * waitMs, retryMsMax);
    }
  }

  /** Changes that tell the sender, one notice per kind, with the steps that say so. */
  async noticeChanges(entry: QueueEntry, reports: readonly Report[]): Promise<readonly Change[]> {
    const { clock, random, store, hostName, keepNotice, settings } = this.#options;
    const { sender, journey } = entry.message;
    const changes: Change[] = [];
    const steps: JourneyStep[] = [];
    for (const [action, group] of Map.groupBy(reports, (report) => report.action)) {
      const nowMs = clock.now();
      const told = group.map(({ recipient }) => recipient.address);
      let kept: readonly Change[] = [];
      // RFC 5321 §4.5.5 and RFC 3464 §2: nobody is told of the failure of a notice.
      if (sender !== "") {
        const { returnBytesMax } = settings;
        const facts = { entry, reports: group, hostName, nowMs, random, returnBytesMax };
        kept = await keepNotice(await writeNotice({ ...facts, blobs: store.blobs }));
      }
      changes.push(...kept);
      const kind = kept.length > 0 ? "queue.noticeSent" : "queue.noticeDropped";
      steps.push({ atMs: nowMs, kind, facts: { action, to: sender, about: told } });
    }
    if (steps.length > 0) changes.push({ kind: "journey.append", journey, steps });
    return changes;
  }

  /** Tries once. @returns why it was not written. */
  async #tryWrite(lease: Lease, judgements: readonly Judgement[]): Promise<Refusal | undefined> {
    const { store, clock } = this.#options;
    try {
      const { entry } = lease;
      const reports = judgements.flatMap(({ report }) => report ?? []);
      const steps = judgements.map(({ step }) => step);
      await store.apply({
        key: `queue.settle ${entry.id} ${lease.lease}`,
        actor: "queue",
        atMs: clock.now(),
        changes: [
          ...judgements.map((judgement) => settleChange(judgement, lease.lease)),
          { kind: "journey.append", journey: entry.message.journey, steps },
          ...(await this.noticeChanges(entry, reports)),
        ],
      });
      return undefined;
    } catch (error) {
      return asRefusal(error);
    }
  }
}

/**
 * A failure that cannot be told stays in the queue and is tried again; a success that cannot be
 * told is still one.
 */
function withoutReport(judgement: Judgement, dueAtMs: number): Judgement {
  const { report, recipient } = judgement;
  if (report?.action !== "failed") return { ...judgement, report: undefined };
  const lastAnswer = formatAnswer(report.answer);
  const { isDelayNoticed } = recipient;
  const outcome = { kind: "retry", dueAtMs, lastAnswer, isDelayNoticed } as const;
  return { ...judgement, report: undefined, outcome };
}
