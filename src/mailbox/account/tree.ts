import { Refusal } from "../../base/faults.ts";
import type { MailboxId } from "../../base/ids.ts";
import type { MailboxRow } from "../../store/mail.ts";
import { INBOX, isBelow, newMailboxName, normaliseMailboxName, parentNames } from "../names.ts";

/** Names to make so that `name` and all levels above it exist, outermost first. */
export function missingNames(rows: readonly MailboxRow[], name: string): string[] {
  const known = new Set(rows.map((row) => row.name));
  return [...parentNames(name), name].filter((each) => !known.has(each));
}

export interface RenamePlan {
  /** Levels above the new name that do not exist yet. */
  readonly parents: readonly string[];
  readonly renames: readonly { readonly mailbox: MailboxId; readonly name: string }[];
  /** Old and new name of each. */
  readonly names: readonly (readonly [before: string, after: string])[];
}

/**
 * How a mailbox with all levels below it gets its new name. A name that only has levels below it
 * can be renamed too. INBOX is not renamed this way.
 * @throws Refusal `noSuchMailbox`, `mailboxExists`, `mailboxNameInvalid`.
 */
export function planRename(rows: readonly MailboxRow[], from: string, to: string): RenamePlan {
  const before = normaliseMailboxName(from);
  const after = newMailboxName(to);
  const moved = rows.filter((row) => row.name === before || isBelow(row.name, before));
  if (moved.length === 0) throw new Refusal("noSuchMailbox", "No such mailbox.");
  if (after === before || after === INBOX) throw alreadyThere();
  if (isBelow(after, before)) {
    throw new Refusal("mailboxNameInvalid", "A mailbox cannot be moved below itself.");
  }
  const isMoved = new Set(moved.map((row) => row.name));
  const staying = new Set(rows.map((row) => row.name).filter((name) => !isMoved.has(name)));
  const names = moved.map((row): [string, string] => [
    row.name,
    newMailboxName(after + row.name.slice(before.length)),
  ]);
  if (staying.has(after) || names.some(([, name]) => staying.has(name))) throw alreadyThere();
  return {
    parents: parentNames(after).filter((name) => !staying.has(name)),
    renames: moved.map((row, at) => ({ mailbox: row.id, name: names[at]?.[1] ?? after })),
    names,
  };
}

function alreadyThere(): Refusal {
  return new Refusal("mailboxExists", "A mailbox with this name exists already.");
}
