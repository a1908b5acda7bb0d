import type { MailboxRow } from "../store/mail.ts";

/**
 * The account's own annotations lie at INBOX, the one mailbox that is always there, under names
 * that no annotation of a mailbox has: those begin with "/".
 */
const accountPrefix = "account:";

export function storedName(name: string, isOfAccount: boolean): string {
  return isOfAccount ? accountPrefix + name : name;
}

/** The name of an annotation of the account that is stored under this name; else undefined. */
export function accountAnnotationOf(stored: string): string | undefined {
  return stored.startsWith(accountPrefix) ? stored.slice(accountPrefix.length) : undefined;
}

/** The annotations of a mailbox, or of the account when the row is INBOX's, by name. */
export function annotationsIn(
  { annotations = {} }: MailboxRow,
  isOfAccount: boolean,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(annotations)) {
    if (name.startsWith(accountPrefix) !== isOfAccount) continue;
    found.set(isOfAccount ? name.slice(accountPrefix.length) : name, value);
  }
  return found;
}
