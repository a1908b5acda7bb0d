import type { AccountMail } from "../../mailbox/account-mail.ts";
import type { MailboxRow } from "../../store/mail.ts";
import type { MailboxFilter } from "../grammar/mailbox-filter.ts";

/** Decides for one mailbox; nothing is known of the selected one here. */
export type MailboxTest = (row: Pick<MailboxRow, "name">) => boolean;

/**
 * Which mailboxes filters mean (RFC 5465 §6, RFC 7377 §2.2), apart from "selected".
 * "inboxes" are all (§6.3): nobody can know where a script of the owner puts mail.
 */
export async function mailboxTest(
  mail: AccountMail,
  filters: readonly MailboxFilter[],
): Promise<MailboxTest> {
  const subscribed = filters.some(({ kind }) => kind === "subscribed")
    ? new Set(await mail.subscriptions())
    : new Set<string>();
  const tests = filters.map((filter): MailboxTest => {
    switch (filter.kind) {
      case "selected":
      case "selectedDelayed":
        return () => false;
      case "personal":
      case "inboxes":
        return () => true;
      case "subscribed":
        return ({ name }) => subscribed.has(name);
      case "mailboxes":
        return ({ name }) => filter.names.includes(name);
      case "subtree":
        return ({ name }) => filter.names.some((top) => isBelow(name, top, Infinity));
      case "subtreeOne":
        return ({ name }) => filter.names.some((top) => isBelow(name, top, 1));
    }
  });
  return (row) => tests.some((test) => test(row));
}

function isBelow(name: string, top: string, levelsMax: number): boolean {
  if (name === top) return true;
  if (!name.startsWith(`${top}/`)) return false;
  return levelsMax === Infinity || !name.slice(top.length + 1).includes("/");
}
