import type { Checker } from "./checker.ts";
import { replay } from "./replay.ts";
import { sameFlags } from "./flag-names.ts";

/** The change log, played from its beginning, gives the mailboxes as they are. */
export const logMakesTheState: Checker = {
  name: "the log makes the state",
  *check({ stored }) {
    for (const { address, data, log } of stored.accounts) {
      const played = replay(log);
      for (const [id, { row, copies }] of data.mailboxes) {
        const expected = played.get(id) ?? new Map();
        const where = `${address}: ${row.name}`;
        if (expected.size !== copies.length) {
          yield `${where} has ${copies.length} messages, by the log ${expected.size}`;
        }
        for (const { uid, flags, modSeq } of copies) {
          const own = expected.get(uid);
          if (own === undefined) yield `${where} has UID ${uid}, which the log does not know`;
          else if (!sameFlags(own.flags, flags)) {
            yield `${where} UID ${uid} has flags ${JSON.stringify(flags)}, by the log ${JSON.stringify(own.flags)}`;
          } else if (own.modSeq !== modSeq) {
            yield `${where} UID ${uid} has mod-sequence ${modSeq}, by the log ${own.modSeq}`;
          }
        }
      }
    }
  },
};
