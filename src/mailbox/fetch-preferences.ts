import type { AccountMail } from "./account-mail.ts";

/** What becomes of messages that are removed by POP3. */
export const removals = ["delete", "trash", "archive"] as const;
export type Removal = (typeof removals)[number];

/** What an account's owner wants of POP3; where undefined, the server's setting counts. */
export interface FetchPreferences {
  readonly removal: Removal | undefined;
  /** Whether fetching counts as reading. */
  readonly marksSeen: boolean | undefined;
}

/**
 * Annotations of the account (RFC 5464 §3.2.1) that hold them, so that owners can also set them
 * with an IMAP client. Values: one of `removals`; "yes" or "no". Any other value is as none.
 */
const removalName = "/private/vendor/golub/pop3/on-delete";
const marksSeenName = "/private/vendor/golub/pop3/mark-read";

export async function readFetchPreferences(mail: AccountMail): Promise<FetchPreferences> {
  const values = await mail.annotations("");
  const removal = values.get(removalName);
  const marksSeen = values.get(marksSeenName);
  return {
    removal: removals.find((each) => each === removal),
    marksSeen: marksSeen === "yes" ? true : marksSeen === "no" ? false : undefined,
  };
}

/** Changes what is given; `undefined` goes back to the server's setting. */
export async function writeFetchPreferences(
  mail: AccountMail,
  wanted: Partial<FetchPreferences>,
): Promise<void> {
  const entries: { name: string; value: string | undefined }[] = [];
  if ("removal" in wanted) entries.push({ name: removalName, value: wanted.removal });
  if ("marksSeen" in wanted) {
    const value = wanted.marksSeen === undefined ? undefined : wanted.marksSeen ? "yes" : "no";
    entries.push({ name: marksSeenName, value });
  }
  if (entries.length > 0) await mail.annotate("", entries);
}
