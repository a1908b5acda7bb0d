/** What a client wants to fetch, from the name that it logs in with. */
export interface MaildropName {
  /** Name of the account, and perhaps of a device, as the accounts room reads it. */
  readonly login: string;
  /** Mailbox by name; undefined for INBOX. */
  readonly mailbox: string | undefined;
  /** Only what came in the last days. */
  readonly isRecent: boolean;
}

/** No address of an account has a colon before its "@". */
const recentPrefix = /^recent:/i;
const folderMark = /\+folder=/i;

/**
 * Reads `recent:ana@example.org+phone+folder=Lists/Golub`: `recent:`, a device and a folder may
 * each be left out. The folder is the last, since its name may have any character. Where an "@"
 * stands behind `+folder=` but none before, it is part of an address.
 */
export function parseMaildropName(text: string): MaildropName {
  const isRecent = recentPrefix.test(text);
  const name = isRecent ? text.replace(recentPrefix, "") : text;
  const from = Math.max(0, name.indexOf("@"));
  const found = folderMark.exec(name.slice(from));
  if (found === null) return { login: name, mailbox: undefined, isRecent };
  const at = from + found.index;
  const mailbox = name.slice(at + found[0].length);
  return { login: name.slice(0, at), mailbox: mailbox === "" ? undefined : mailbox, isRecent };
}
