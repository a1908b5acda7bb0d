import type { MailboxId, ModSeq, Uid } from "../../base/ids.ts";
import type { Flags } from "../../store/mail-changes.ts";
import type { LogEntry } from "../../store/mail.ts";

export interface ReplayedCopy {
  readonly flags: Flags;
  readonly modSeq: ModSeq;
  readonly message: number;
}

export type Replayed = Map<MailboxId, Map<Uid, ReplayedCopy>>;

/** Mailboxes as the log alone tells them, up to and with an entry's mod-sequence. */
export function replay(log: readonly LogEntry[], upTo = Number.POSITIVE_INFINITY): Replayed {
  const mailboxes: Replayed = new Map();
  const get = (id: MailboxId) => {
    const known = mailboxes.get(id) ?? new Map<Uid, ReplayedCopy>();
    mailboxes.set(id, known);
    return known;
  };
  for (const { modSeq, act } of log) {
    if (modSeq > upTo) break;
    if (act.kind === "added") {
      for (const { uid, flags, message } of act.copies) {
        get(act.mailbox).set(uid, { flags, modSeq, message });
      }
    } else if (act.kind === "expunged") {
      for (const { uid } of act.copies) get(act.mailbox).delete(uid);
    } else if (act.kind === "flagged") {
      const copies = get(act.mailbox);
      for (const { uids, flags } of act.after) {
        for (const [uid, copy] of copies) {
          const isMeant = uids.some(([first, last]) => first <= uid && uid <= last);
          if (isMeant) copies.set(uid, { ...copy, flags, modSeq });
        }
      }
    } else if (act.kind === "mailboxDeleted") mailboxes.delete(act.mailbox);
  }
  return mailboxes;
}
