import { unreachable } from "../../base/assert.ts";
import type { AccountMail } from "../../mailbox/account-mail.ts";
import { flagBits } from "../../store/mail-changes.ts";
import type { MailboxRow } from "../../store/mail.ts";
import type { StatusItem } from "../grammar/status-items.ts";
import { formatName } from "./names.ts";
import { untagged } from "./replies.ts";
import { enableCondstore } from "./updates.ts";
import type { Session } from "./session.ts";

/** Sends one STATUS (RFC 9051 §7.3.4). Everything but DELETED-STORAGE costs nothing. */
export async function sendStatus(
  session: Session,
  mail: AccountMail,
  row: MailboxRow,
  items: readonly StatusItem[],
  options: { readonly isNews?: boolean } = {},
): Promise<void> {
  // RFC 7162 §3.1: asking for it turns CONDSTORE on; being told it does not.
  if (options.isNews !== true && items.includes("HIGHESTMODSEQ")) enableCondstore(session);
  const words: string[] = [];
  for (const item of items) {
    const value =
      item === "DELETED-STORAGE" ? await deletedBytes(mail, row) : statusValue(session, row, item);
    words.push(`${item} ${value}`);
  }
  untagged(session, `STATUS ${formatName(session, row.name)} (${words.join(" ")})`);
}

function statusValue(
  session: Session,
  row: MailboxRow,
  item: Exclude<StatusItem, "DELETED-STORAGE">,
): string | number {
  switch (item) {
    case "MESSAGES":
      return row.totalCount;
    case "RECENT":
      return 0;
    case "UIDNEXT":
      return row.uidNext;
    case "UIDVALIDITY":
      return row.uidValidity;
    case "UNSEEN":
      return row.unseenCount;
    case "DELETED":
      return row.deletedCount;
    case "SIZE":
      return row.sizeBytes;
    case "HIGHESTMODSEQ":
      return Math.max(1, row.modSeq);
    case "APPENDLIMIT":
      return session.services.limits.appendBytesMax;
    case "MAILBOXID":
      return `(F${row.id})`;
    default:
      return unreachable(item);
  }
}

/** RFC 9208 §4.1.4: what an EXPUNGE would free. */
async function deletedBytes(mail: AccountMail, row: MailboxRow): Promise<number> {
  if (row.deletedCount === 0) return 0;
  const view = await mail.openView(row.id);
  try {
    const { systemFlags, sizes } = view.columns;
    let bytes = 0;
    for (const each of view.allRows()) {
      if (((systemFlags[each] ?? 0) & flagBits.deleted) !== 0) bytes += sizes[each] ?? 0;
    }
    return bytes;
  } finally {
    view.close();
  }
}
