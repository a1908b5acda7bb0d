import type { MailboxId } from "../../base/ids.ts";
import type { Checker } from "./checker.ts";
import type { StoredAccount } from "./stored.ts";

/** UIDs and mod-sequences rise and name one thing for ever, across crashes too. */
export const numbersRise: Checker = {
  name: "UIDs and mod-sequences rise and are never reused",
  *check({ stored, ledger }) {
    for (const account of stored.accounts) yield* checkLog(account);
    const seen = new Map<string, string>();
    for (const { account, mailbox, uidValidity, uid, token } of ledger.sightings) {
      const key = `${account} ${mailbox} ${uidValidity} ${uid}`;
      const before = seen.get(key) ?? token;
      if (before !== token) yield `${key} was letter ${before} and then ${token}`;
      seen.set(key, token);
      const own = stored.accounts.find((each) => each.address === account);
      const row = [...(own?.data.mailboxes.values() ?? [])].find(
        (each) => each.row.name === mailbox,
      )?.row;
      if (row?.uidValidity !== uidValidity) yield `${key}: UIDVALIDITY is ${row?.uidValidity} now`;
    }
  },
};

function* checkLog({ address, log, data, mailboxNames }: StoredAccount): Iterable<string> {
  const lastUid = new Map<MailboxId, number>();
  let last = 0;
  for (const [at, { modSeq, act }] of log.entries()) {
    // A move, and a batch, write several entries with one number.
    if (modSeq < last) yield `${address}: entry ${at} has mod-sequence ${modSeq} after ${last}`;
    last = modSeq;
    if (act.kind !== "added") continue;
    for (const { uid } of act.copies) {
      const before = lastUid.get(act.mailbox) ?? 0;
      const name = mailboxNames.get(act.mailbox);
      if (uid <= before) yield `${address}: ${name} got UID ${uid} after ${before}`;
      lastUid.set(act.mailbox, Math.max(uid, before));
    }
  }
  if (data.record.modSeq !== last) {
    yield `${address}: the log ends at ${last}, the account says ${data.record.modSeq}`;
  }
  for (const [id, { row }] of data.mailboxes) {
    const uid = lastUid.get(id) ?? 0;
    if (row.uidNext <= uid) yield `${address}: ${row.name} has UIDNEXT ${row.uidNext} after ${uid}`;
  }
}
