import type { Dice } from "./dice.ts";

const minute = 60_000;
const hour = 60 * minute;

/** What a seed decided about a run before it begins: how much of everything, and which faults. */
export interface Plan {
  /** How long actors act and faults happen, milliseconds. */
  readonly busyMs: number;
  readonly expireAfterMs: number;
  readonly mxLetters: number;
  readonly submittedLetters: number;
  readonly lmtpLetters: number;
  readonly imapClients: number;
  readonly popClients: number;
  readonly crashes: number;
  readonly restarts: number;
  /** Cuts of all connections at once. */
  readonly storms: number;
  /** Part of the connections that break by themselves after some bytes. */
  readonly cutChance: number;
  /** Part of the connections whose bytes come in pieces of any size. */
  readonly piecesChance: number;
  /** Part of the connections that are slow. */
  readonly slowChance: number;
  /** Times in which commits may fail. */
  readonly sickTimes: number;
  readonly failBeforeChance: number;
  readonly failAfterChance: number;
  /** Longest commit, milliseconds. */
  readonly commitMsMax: number;
  /** Bodies above this are kept before the commit. */
  readonly inlineBytesMax: number;
}

/** Each kind of fault is left out in some runs, so that the others are seen alone too. */
export function drawPlan(dice: Dice): Plan {
  const sometimes = (value: number) => (dice.chance(0.6) ? value : 0);
  return {
    busyMs: dice.between(30, 150) * minute,
    expireAfterMs: dice.pick([3 * hour, 6 * hour, 24 * hour, 24 * hour, 120 * hour]),
    mxLetters: dice.between(5, 25),
    submittedLetters: dice.between(5, 20),
    lmtpLetters: dice.between(0, 8),
    imapClients: dice.between(1, 5),
    popClients: dice.between(0, 2),
    crashes: sometimes(dice.between(1, 4)),
    restarts: sometimes(dice.between(1, 3)),
    storms: sometimes(dice.between(1, 5)),
    cutChance: sometimes(dice.pick([0.02, 0.1, 0.3])),
    piecesChance: dice.pick([0, 0.2, 1]),
    slowChance: dice.pick([0, 0.05, 0.2]),
    sickTimes: sometimes(dice.between(1, 4)),
    failBeforeChance: dice.pick([0, 0.2, 1]),
    failAfterChance: dice.pick([0, 0.2, 0.8]),
    commitMsMax: dice.pick([0, 5, 50]),
    inlineBytesMax: dice.pick([0, 2_000, 262_144]),
  };
}
