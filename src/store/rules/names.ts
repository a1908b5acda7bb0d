import { Refusal } from "../../base/faults.ts";

export const inboxName = "INBOX";
/** UTF-16 units of a whole mailbox name. */
export const mailboxNameCharsMax = 1000;
export const mailboxLevelsMax = 64;

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const forbidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/u;

/**
 * Checks a mailbox name: levels separated by "/" that are not empty, Unicode NFC, no control
 * characters, and INBOX in capitals as first level (RFC 9051 §5.1, RFC 5198 §2).
 * @throws Refusal `mailboxNameInvalid`.
 */
export function checkMailboxName(name: string): void {
  const levels = name.split("/");
  const isValid =
    name.length <= mailboxNameCharsMax &&
    levels.length <= mailboxLevelsMax &&
    levels.every((level) => level !== "") &&
    name.isWellFormed() &&
    !forbidden.test(name) &&
    name.normalize("NFC") === name &&
    (levels[0]?.toUpperCase() !== inboxName || levels[0] === inboxName);
  if (!isValid) throw new Refusal("mailboxNameInvalid", "That is not a name for a mailbox.");
}

/** The domain of `localpart@domain` or `@domain`. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

/** The handle under which a Message-ID is found: without brackets and white space around it. */
export function bareMessageId(handle: string): string {
  const trimmed = handle.trim();
  return trimmed.startsWith("<") && trimmed.endsWith(">") ? trimmed.slice(1, -1).trim() : trimmed;
}

/** Order of names everywhere: by UTF-8 bytes, which is the order of code points. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
