import type { Clock } from "../base/clock.ts";
import type { JourneyId } from "../base/ids.ts";
import { journeyId } from "../base/ids.ts";
import { type Random, randomName } from "../base/random.ts";
import type { JourneyStep } from "../store/journeys.ts";

export type StepFacts = JourneyStep["facts"];

/** Steps that one recorder keeps; later ones are counted, not kept. */
export const stepsMax = 400;
/** Characters of one text fact; longer ones are cut and end in "…". */
export const factCharactersMax = 512;
/** Texts of one list fact. */
const listFactMax = 100;

/** RFC 3986 characters only, so that it can be said aloud, put into a URL and into a reply. */
const journeyIdLength = 20;

export function newJourneyId(random: Random): JourneyId {
  return journeyId(randomName(random, journeyIdLength));
}

/**
 * Collects what happens to one message, or to one connection before it has a message. Costs a push
 * per step: nothing is written until whoever commits the message takes the steps along.
 */
export class JourneyRecorder {
  readonly #clock: Clock;
  readonly #steps: JourneyStep[];
  #droppedCount = 0;

  /** With `earlier`, the recorder of a connection, its steps so far come first. */
  constructor(clock: Clock, earlier?: JourneyRecorder) {
    this.#clock = clock;
    this.#steps = earlier === undefined ? [] : [...earlier.#steps];
  }

  add(kind: string, facts: StepFacts): void {
    if (this.#steps.length < stepsMax) {
      this.#steps.push({ atMs: this.#clock.now(), kind, facts: boundedFacts(facts) });
    } else this.#droppedCount++;
  }

  /** What was collected, in order; says so when some was dropped. */
  steps(): readonly JourneyStep[] {
    if (this.#droppedCount === 0) return this.#steps;
    const facts = { steps: this.#droppedCount };
    return [...this.#steps, { atMs: this.#clock.now(), kind: "journey.dropped", facts }];
  }
}

/** The facts with every text cut to its limit. */
export function boundedFacts(facts: StepFacts): StepFacts {
  let isWithin = true;
  for (const key in facts) {
    const value = facts[key];
    if (typeof value === "string") isWithin &&= value.length <= factCharactersMax;
    else isWithin &&= typeof value !== "object";
  }
  if (isWithin) return facts;
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, bounded(value)]));
}

function bounded(value: StepFacts[string]): StepFacts[string] {
  if (typeof value === "string") return boundedText(value);
  return typeof value === "object" ? value.slice(0, listFactMax).map(boundedText) : value;
}

function boundedText(text: string): string {
  return text.length <= factCharactersMax ? text : `${text.slice(0, factCharactersMax - 1)}…`;
}
