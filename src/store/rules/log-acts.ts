import type { MailboxId } from "../../base/ids.ts";
import type { LogAct, LogEntry } from "../mail.ts";

/** The mailbox that an act is about; a subscription is about none. */
export function mailboxOf(act: LogAct): MailboxId | undefined {
  return act.kind === "subscribed" ? undefined : act.mailbox;
}

/** The first entries, of at most `limit` different numbers: those of one number stay together. */
export function limitEntries(
  entries: Iterable<LogEntry>,
  limit: number | undefined,
): readonly LogEntry[] {
  const taken: LogEntry[] = [];
  let numbers = 0;
  for (const entry of entries) {
    if (taken.at(-1)?.modSeq !== entry.modSeq) numbers++;
    if (limit !== undefined && numbers > limit) break;
    taken.push(entry);
  }
  return taken;
}
