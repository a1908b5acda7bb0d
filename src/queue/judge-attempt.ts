import type { Random } from "../base/random.ts";
import type { QueueChange, QueueEntry, QueueOutcome, QueueRecipient } from "../store/queue.ts";
import type { JourneyStep } from "../store/journeys.ts";
import type { RecipientOutcome, RemoteAnswer } from "./courier.ts";
import { nextAttemptMs } from "./schedule.ts";
import type { QueueSettings } from "./settings.ts";

/** What the sender is told of one recipient (RFC 3464 §2.3.3). */
export interface Report {
  readonly action: "failed" | "delayed" | "relayed";
  readonly recipient: QueueRecipient;
  readonly answer: RemoteAnswer;
  /** RFC 3463 status; that of the answer, unless we gave up ourselves. */
  readonly status: string;
}

/** What follows from an outcome for one recipient. */
export interface Judgement {
  readonly recipient: QueueRecipient;
  readonly outcome: QueueOutcome;
  /** Set when the sender is to be told. */
  readonly report: Report | undefined;
  readonly step: JourneyStep;
}

export interface JudgeOptions {
  readonly entry: QueueEntry;
  readonly nowMs: number;
  readonly settings: QueueSettings;
  readonly random: Random;
}

/** Decides what becomes of a recipient after an attempt. Whether a report is sent is not decided. */
export function judgeAttempt(
  recipient: QueueRecipient,
  attempt: RecipientOutcome,
  options: JudgeOptions,
): Judgement {
  const { answer } = attempt;
  const { nowMs, entry } = options;
  const report = (action: Report["action"], status = answer.status): Report => {
    return { action, recipient, answer, status };
  };
  const ended = (kind: string, told: Report | undefined): Judgement => {
    const step = { atMs: nowMs, kind, facts: factsOf(recipient, answer) };
    return { recipient, outcome: { kind: "done" }, report: told, step };
  };
  switch (attempt.kind) {
    case "delivered": {
      // RFC 3461 §5.2.2: a next hop that knows DSN tells it itself.
      const isTold = recipient.notify.includes("success") && !attempt.canNotify;
      return ended("queue.delivered", isTold ? report("relayed") : undefined);
    }
    case "failed":
      return ended("queue.failed", wantsFailure(recipient) ? report("failed") : undefined);
    case "delayed": {
      if (nowMs < entry.message.expiresAtMs) return delay(recipient, report("delayed"), options);
      // RFC 3463 §3.5: X.4.7, delivery time expired.
      return ended(
        "queue.expired",
        wantsFailure(recipient) ? report("failed", "4.4.7") : undefined,
      );
    }
  }
}

/** Gives a recipient back as if it had never been tried. */
export function judgeUntried(recipient: QueueRecipient, nowMs: number, why: string): Judgement {
  const step = {
    atMs: nowMs,
    kind: "queue.released",
    facts: { recipient: recipient.address, why },
  };
  return {
    recipient,
    outcome: { kind: "release", dueAtMs: recipient.dueAtMs },
    report: undefined,
    step,
  };
}

/** The change that ends a recipient's lease. */
export function settleChange({ recipient, outcome }: Judgement, lease: number): QueueChange {
  const { queue, recipient: place } = recipient;
  return { kind: "queue.settle", queue, recipient: place, lease, outcome };
}

function delay(recipient: QueueRecipient, report: Report, options: JudgeOptions): Judgement {
  const { entry, nowMs, settings, random } = options;
  const { queuedAtMs } = entry;
  const owes = recipient.notify.includes("delay") && !recipient.isDelayNoticed;
  const isTold = owes && nowMs >= queuedAtMs + settings.delayNoticeAfterMs;
  const attemptCount = recipient.attemptCount + 1;
  const facts = { nowMs, queuedAtMs, attemptCount, owesDelayNotice: owes && !isTold };
  const { expiresAtMs } = entry.message;
  const dueAtMs = nextAttemptMs({ ...facts, expiresAtMs }, settings, random);
  const { answer } = report;
  return {
    recipient,
    outcome: {
      kind: "retry",
      dueAtMs,
      lastAnswer: formatAnswer(answer),
      isDelayNoticed: recipient.isDelayNoticed || isTold,
    },
    report: isTold ? report : undefined,
    step: {
      atMs: nowMs,
      kind: "queue.delayed",
      facts: { ...factsOf(recipient, answer), nextAttemptAtMs: dueAtMs },
    },
  };
}

function wantsFailure(recipient: QueueRecipient): boolean {
  return recipient.notify.includes("failure");
}

/** "mx.example.org (192.0.2.7): 450 4.2.1 Try later" as people read it. */
export function formatAnswer(answer: RemoteAnswer): string {
  const words = [answer.code === 0 ? "" : String(answer.code), answer.status, answer.text];
  const said = words.filter((word) => word !== "").join(" ");
  return answer.host === "" ? said : `${answer.host}: ${said}`;
}

function factsOf(recipient: QueueRecipient, answer: RemoteAnswer): JourneyStep["facts"] {
  return {
    recipient: recipient.address,
    attempt: recipient.attemptCount + 1,
    host: answer.host,
    code: answer.code,
    status: answer.status,
    text: answer.text,
    tls: answer.tls,
  };
}
