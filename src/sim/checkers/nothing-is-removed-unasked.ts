import { flagBits } from "../../store/mail-changes.ts";
import type { Checker } from "./checker.ts";
import type { StoredAccount } from "./stored.ts";

/** A message leaves a mailbox only by a move, by a client that said so, or after \Deleted. */
export const nothingIsRemovedUnasked: Checker = {
  name: "nothing is removed unasked",
  *check({ stored, ledger }) {
    for (const account of stored.accounts) {
      for (const { act, actor } of account.log) {
        if (act.kind === "mailboxDeleted") yield `${account.address}: a mailbox was deleted`;
        if (act.kind === "flagged") yield* checkDeletedFlags(account, act, ledger.deletedWishes);
        if (act.kind !== "expunged" || act.to !== undefined) continue;
        for (const { uid, flags } of act.copies) {
          const isPop = actor.startsWith("pop3");
          const isAsked = isPop
            ? ledger.popDeletions.has(`${account.address} ${uid}`)
            : actor.startsWith("imap") && (flags.system & flagBits.deleted) !== 0;
          if (isAsked) continue;
          const name = account.mailboxNames.get(act.mailbox);
          yield `${account.address}: UID ${uid} was removed from ${name} by ${actor}, unasked`;
        }
      }
    }
  },
};

type Flagged = Extract<StoredAccount["log"][number]["act"], { kind: "flagged" }>;

function* checkDeletedFlags(
  account: StoredAccount,
  act: Flagged,
  wishes: ReadonlySet<string>,
): Iterable<string> {
  const hasDeleted = (list: Flagged["before"], uid: number) =>
    list.some(
      ({ uids, flags }) =>
        (flags.system & flagBits.deleted) !== 0 &&
        uids.some(([first, last]) => first <= uid && uid <= last),
    );
  const name = account.mailboxNames.get(act.mailbox) ?? "";
  for (const { uids } of act.after) {
    for (const [first, last] of uids) {
      for (let uid: number = first; uid <= last; uid++) {
        const isNew = hasDeleted(act.after, uid) && !hasDeleted(act.before, uid);
        if (!isNew || wishes.has(`${account.address} ${name} ${uid}`)) continue;
        yield `${account.address}: UID ${uid} of ${name} was flagged \\Deleted, unasked`;
      }
    }
  }
}
