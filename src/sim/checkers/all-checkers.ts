import type { Checker } from "./checker.ts";
import { acknowledgedMailIsKept } from "./acknowledged-mail-is-kept.ts";
import { bodiesAreCounted } from "./bodies-are-counted.ts";
import { changesAreKept } from "./changes-are-kept.ts";
import { clientsSeeTheStore } from "./clients-see-the-store.ts";
import { journeysAreKept } from "./journeys-are-kept.ts";
import { logMakesTheState } from "./log-makes-the-state.ts";
import { nobodyComplains } from "./nobody-complains.ts";
import { nothingIsRemovedUnasked } from "./nothing-is-removed-unasked.ts";
import { nothingTwice } from "./nothing-twice.ts";
import { noticesAreRight } from "./notices-are-right.ts";
import { numbersRise } from "./numbers-rise.ts";
import { queueIsSettled } from "./queue-is-settled.ts";
import { quotaIsRecount } from "./quota-is-recount.ts";

/** Every invariant that a run is held against. */
export const allCheckers: readonly Checker[] = [
  acknowledgedMailIsKept,
  nothingTwice,
  nothingIsRemovedUnasked,
  queueIsSettled,
  noticesAreRight,
  numbersRise,
  logMakesTheState,
  quotaIsRecount,
  bodiesAreCounted,
  changesAreKept,
  clientsSeeTheStore,
  journeysAreKept,
  nobodyComplains,
];
