import { Refusal } from "../base/faults.ts";

/** Levels of a name, bytes of a level and of a whole name in UTF-8. */
export const mailboxNameLimits = { levelsMax: 20, levelBytesMax: 255, nameBytesMax: 1000 };

export const INBOX = "INBOX";
const SEPARATOR = "/";

/**
 * The form in which names are kept: NFC, and INBOX in capitals where it is the first level
 * (RFC 9051 §5.1: INBOX is the same in any letter case). Says nothing about whether it is allowed.
 */
export function normaliseMailboxName(name: string): string {
  const composed = name.normalize("NFC");
  const first = composed.slice(0, INBOX.length);
  const next = composed.charAt(INBOX.length);
  const isInbox = first.toUpperCase() === INBOX && (next === "" || next === SEPARATOR);
  return isInbox ? INBOX + composed.slice(INBOX.length) : composed;
}

/**
 * A name for a new mailbox. One separator at the end is left out, since clients announce with it
 * that they will make children (RFC 9051 §6.3.4).
 * @throws Refusal `mailboxNameInvalid`: control characters or half a surrogate pair (RFC 5198 §2),
 *   the wildcards of LIST, a first "#" (RFC 9051 §5.1.2 keeps it for namespaces), empty levels,
 *   too long or too deep.
 */
export function newMailboxName(name: string): string {
  const whole = normaliseMailboxName(name.endsWith(SEPARATOR) ? name.slice(0, -1) : name);
  if (whole === "") throw invalid("A mailbox name cannot be empty.");
  if (!whole.isWellFormed()) throw invalid("The mailbox name is not Unicode text.");
  // oxlint-disable-next-line no-control-regex -- exactly these must be found
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(whole)) {
    throw invalid("A mailbox name cannot contain control characters.");
  }
  if (/[%*]/.test(whole)) throw invalid("A mailbox name cannot contain % or *.");
  if (whole.startsWith("#")) throw invalid("A mailbox name cannot begin with #.");
  const levels = whole.split(SEPARATOR);
  if (levels.includes("")) throw invalid("A mailbox name cannot have an empty level.");
  if (levels.length > mailboxNameLimits.levelsMax) throw invalid("The mailbox is too deep.");
  if (levels.some((level) => Buffer.byteLength(level) > mailboxNameLimits.levelBytesMax)) {
    throw invalid("A level of the mailbox name is too long.");
  }
  if (Buffer.byteLength(whole) > mailboxNameLimits.nameBytesMax) {
    throw invalid("The mailbox name is too long.");
  }
  return whole;
}

/** Names of the levels above, outermost first: "a", "a/b" for "a/b/c". */
export function parentNames(name: string): string[] {
  const parents: string[] = [];
  for (let at = name.indexOf(SEPARATOR); at >= 0; at = name.indexOf(SEPARATOR, at + 1)) {
    parents.push(name.slice(0, at));
  }
  return parents;
}

/** Whether `name` lies below `parent`. */
export function isBelow(name: string, parent: string): boolean {
  return name.startsWith(parent + SEPARATOR);
}

function invalid(text: string): Refusal {
  return new Refusal("mailboxNameInvalid", text);
}
