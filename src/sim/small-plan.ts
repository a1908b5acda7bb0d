import type { Plan } from "./plan.ts";

/** A world small enough for the tests of every day, and without faults. */
export const smallPlan: Plan = {
  busyMs: 20 * 60_000,
  expireAfterMs: 60 * 60_000,
  mxLetters: 6,
  submittedLetters: 5,
  lmtpLetters: 2,
  imapClients: 3,
  popClients: 2,
  crashes: 0,
  restarts: 0,
  storms: 0,
  cutChance: 0,
  piecesChance: 0,
  slowChance: 0,
  sickTimes: 0,
  failBeforeChance: 0,
  failAfterChance: 0,
  commitMsMax: 5,
  inlineBytesMax: 2_000,
};
