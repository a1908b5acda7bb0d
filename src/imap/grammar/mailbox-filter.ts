import { Refusal } from "../../base/faults.ts";
import { parseMailboxName } from "./mailbox-name.ts";
import type { Scanner } from "./scanner.ts";

/** Most names in one filter. */
export const filterNamesMax = 256;
/** Most filters in one command. */
export const filtersMax = 64;

/** RFC 5465 §6, with "subtree-one" of RFC 7377 §2.2: which mailboxes are meant. */
export type MailboxFilter =
  | {
      readonly kind: "selected" | "selectedDelayed" | "inboxes" | "personal" | "subscribed";
    }
  | {
      readonly kind: "subtree" | "subtreeOne" | "mailboxes";
      readonly names: readonly string[];
    };

const kinds: ReadonlyMap<string, MailboxFilter["kind"]> = new Map([
  ["SELECTED", "selected"],
  ["SELECTED-DELAYED", "selectedDelayed"],
  ["INBOXES", "inboxes"],
  ["PERSONAL", "personal"],
  ["SUBSCRIBED", "subscribed"],
  ["SUBTREE", "subtree"],
  ["SUBTREE-ONE", "subtreeOne"],
  ["MAILBOXES", "mailboxes"],
]);

/** RFC 5465 §8 filter-mailboxes. */
export function parseMailboxFilter(scanner: Scanner): MailboxFilter {
  const kind = kinds.get(scanner.keyword("which mailboxes"));
  if (kind === undefined) throw new Refusal("syntax", "Unknown kind of mailboxes.");
  if (kind !== "subtree" && kind !== "subtreeOne" && kind !== "mailboxes") return { kind };
  scanner.space();
  const names =
    scanner.peek() === "("
      ? scanner.list(() => parseMailboxName(scanner), {
          allowEmpty: false,
          itemsMax: filterNamesMax,
        })
      : [parseMailboxName(scanner)];
  return { kind, names };
}
