import type { Checker } from "./checker.ts";

/** No client got an answer that cannot be, and the server met no bug of its own. */
export const nobodyComplains: Checker = {
  name: "nobody complains",
  *check({ ledger }) {
    yield* ledger.complaints;
    yield* ledger.bugs;
  },
};
