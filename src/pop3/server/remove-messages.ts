import { Refusal } from "../../base/faults.ts";
import type { MailboxId } from "../../base/ids.ts";
import type { AccountMail } from "../../mailbox/account-mail.ts";
import type { Removal } from "../../mailbox/fetch-preferences.ts";
import type { UidRange } from "../../store/mail-changes.ts";

const folderNames = { trash: "Trash", archive: "Archive" } as const;

/**
 * Takes messages out of a mailbox, for good or into another one. For good means that undo has them
 * for the retention time. From the trash they go for good whatever is set, and so from the archive
 * where that is what DELE fills: a client that removes a message must not find it again.
 */
export async function removeMessages(
  mail: AccountMail,
  from: MailboxId,
  uids: readonly UidRange[],
  removal: Removal,
): Promise<void> {
  const to = removal === "delete" ? undefined : await folderOf(mail, removal);
  const trash = await mail.findRole("trash");
  if (to === undefined || to === from || trash?.id === from) {
    await mail.expunge(from, uids, false);
  } else {
    await mail.move(from, uids, to);
  }
}

/** The mailbox with the role, or of the usual name; made when there is none. */
async function folderOf(mail: AccountMail, role: "trash" | "archive"): Promise<MailboxId> {
  const name = folderNames[role];
  const rows = await mail.mailboxes();
  const found = rows.find((row) => row.role === role) ?? rows.find((row) => row.name === name);
  if (found !== undefined) return found.id;
  try {
    return (await mail.createMailbox(name, role)).id;
  } catch (error) {
    // Another session may have made it meanwhile.
    if (error instanceof Refusal && error.reason === "mailboxExists") {
      return (await mail.getMailbox(name)).id;
    }
    throw error;
  }
}
