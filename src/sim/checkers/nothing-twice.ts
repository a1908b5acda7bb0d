import { leadsTo } from "../world/people.ts";
import type { Checker } from "./checker.ts";
import { isDoubtful, lettersElsewhere } from "./evidence.ts";

/**
 * Nothing is delivered twice, except where SMTP leaves it open: a sender who did not hear our
 * answer sends again, and so do we when we did not hear a remote's.
 */
export const nothingTwice: Checker = {
  name: "nothing is delivered twice",
  *check(world) {
    const { ledger, stored } = world;
    const counts = new Map<string, number>();
    for (const { contents, account } of stored.arrivals) {
      if (contents.kind !== "letter") continue;
      const key = `${contents.token} ${account}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, count] of counts) {
      const [token = "", account = ""] = key.split(" ");
      const sending = ledger.sendings.get(token);
      const most =
        sending === undefined
          ? 1
          : ledger.acceptancesMax(sending, (to) => leadsTo(to).local.includes(account));
      if (count > most)
        yield `${token}: ${account} has it ${count} times, ${most} can be explained`;
    }
    for (const [key, arrivals] of lettersElsewhere(world)) {
      const [token = "", address = ""] = key.split(" ");
      const sending = ledger.sendings.get(token);
      if (sending === undefined) {
        yield `${token}: ${address} got what nobody sent there`;
        continue;
      }
      const accepted = ledger.acceptancesMax(sending, (to) => leadsTo(to).remote.includes(address));
      const doubts = arrivals.filter((arrival) => isDoubtful(world, token, arrival)).length;
      if (arrivals.length > accepted + doubts) {
        yield `${token}: ${address} got it ${arrivals.length} times; accepted ${accepted} times, ${doubts} answers in doubt`;
      }
    }
  },
};
