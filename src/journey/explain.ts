import type { JourneyRow, JourneyStep } from "../store/journeys.ts";
import { english, factReader, type Phrases } from "./english.ts";

/** One step for people: when, what, and the plain facts for programs and for translations. */
export interface ExplainedStep {
  readonly atMs: number;
  /** Since the step before; 0 for the first. */
  readonly afterMs: number;
  readonly kind: string;
  readonly facts: JourneyStep["facts"];
  readonly text: string;
}

/** A journey for people. */
export interface Explanation {
  readonly journey: string;
  readonly messageIdHeader: string;
  readonly addresses: readonly string[];
  readonly steps: readonly ExplainedStep[];
  /** The steps that say what became of the message, in order. */
  readonly verdict: readonly ExplainedStep[];
}

/** Kinds that end a recipient's stay in the queue. */
const queueEnds: ReadonlySet<string> = new Set([
  "queue.delivered",
  "queue.failed",
  "queue.expired",
]);

/** Kinds that settle something for a recipient or for the whole message. */
const decisive: ReadonlySet<string> = new Set([
  "smtp.refused",
  "smtp.recipientRefused",
  "delivery.stored",
  "delivery.failed",
  "delivery.queued",
  "queue.delivered",
  "queue.failed",
  "queue.expired",
  "queue.removed",
]);

/**
 * Puts a journey into words. A kind without a phrase is shown with its facts: a step is never
 * left out.
 */
export function explainJourney(row: JourneyRow, phrases: Phrases = english): Explanation {
  let beforeMs: number | undefined;
  const steps = row.steps.map(({ atMs, kind, facts }) => {
    const afterMs = beforeMs === undefined ? 0 : Math.max(0, atMs - beforeMs);
    beforeMs = atMs;
    const text = phrases.get(kind)?.(factReader(facts)) ?? plainText(kind, facts);
    return { atMs, afterMs, kind, facts, text: singleLine(text) };
  });
  return {
    journey: row.journey,
    messageIdHeader: row.messageIdHeader,
    addresses: row.addresses,
    steps,
    verdict: steps.filter((step) => decisive.has(step.kind) && !isOver(step, steps)),
  };
}

/** Whether a message was queued for people of whom each has had an end since. */
function isOver({ kind, facts }: ExplainedStep, steps: readonly ExplainedStep[]): boolean {
  if (kind !== "delivery.queued") return false;
  if (steps.some((step) => step.kind === "queue.removed")) return true;
  const ended = new Set(
    steps.filter((step) => queueEnds.has(step.kind)).map((step) => step.facts["recipient"]),
  );
  const { recipients } = facts;
  return Array.isArray(recipients) && recipients.every((recipient) => ended.has(recipient));
}

/**
 * The lines that `golub why` prints: whose message, each step with its time, and what came of it.
 * Times are UTC; a step says how long after the one before it came.
 */
export function formatExplanation(explanation: Explanation): readonly string[] {
  const { journey, messageIdHeader, addresses, steps, verdict } = explanation;
  const title = messageIdHeader === "" ? "" : ` of <${singleLine(messageIdHeader)}>`;
  return [
    `Journey ${journey}${title}`,
    `  between ${singleLine(addresses.join(", "))}`,
    ...steps.map((step, at) => `  ${timeOf(step, at)}  ${step.text}`),
    verdict.length === 0
      ? "  Nothing has been decided yet."
      : `  In the end: ${verdict.map((step) => step.text.replace(/\.$/, "")).join("; ")}.`,
  ];
}

/** "2026-01-01 00:00:00.000" for the first, "+0.250 s" for the others, equally wide. */
function timeOf({ atMs, afterMs }: ExplainedStep, at: number): string {
  const stamp = new Date(atMs).toISOString().slice(0, 23).replace("T", " ");
  return at === 0 ? stamp : `+${(afterMs / 1000).toFixed(3)} s`.padStart(stamp.length);
}

function plainText(kind: string, facts: JourneyStep["facts"]): string {
  const fact = factReader(facts);
  const texts = Object.keys(facts).map((name) => `${name} ${fact(name)}`);
  return texts.length === 0 ? kind : `${kind}: ${texts.join(", ")}`;
}

/** What strangers wrote must not end a line, move the cursor or change colours. */
function singleLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "?");
}
