import { Refusal } from "../../base/faults.ts";
import { parseItemList, type FetchItem } from "./fetch-attributes.ts";
import { filtersMax, parseMailboxFilter, type MailboxFilter } from "./mailbox-filter.ts";
import type { Scanner } from "./scanner.ts";

/** RFC 5465 §5, as they are spelled there. */
export const eventNames = [
  "MessageNew",
  "MessageExpunge",
  "FlagChange",
  "MailboxName",
  "SubscriptionChange",
  "MailboxMetadataChange",
  "ServerMetadataChange",
] as const;

export type EventName = (typeof eventNames)[number];

/** What is to be told of some mailboxes. */
export interface EventGroup {
  readonly filter: MailboxFilter;
  readonly events: ReadonlySet<EventName>;
  /** What is told of each new message (only of the selected mailbox). */
  readonly items: readonly FetchItem[];
}

export interface NotifyArguments {
  /** None is NOTIFY NONE. */
  readonly groups: readonly EventGroup[];
  readonly wantsStatus: boolean;
}

/** An event that is not known is refused with NO, and with those that are (RFC 5465 §3.1). */
export class UnknownEvent extends Refusal {}

/** RFC 5465 §8 notify. */
export function parseNotify(scanner: Scanner): NotifyArguments {
  if (scanner.skip("NONE")) {
    scanner.end();
    return { groups: [], wantsStatus: false };
  }
  scanner.expect("SET ", "SET or NONE");
  const wantsStatus = scanner.skip("STATUS ");
  const groups: EventGroup[] = [];
  do {
    if (groups.length >= filtersMax) throw new Refusal("limit", "Too many groups of events.");
    groups.push(parseGroup(scanner));
  } while (scanner.skip(" "));
  scanner.end();
  if (groups.filter(({ filter }) => isOfSelected(filter)).length > 1) {
    throw scanner.error("The selected mailbox is possible once (RFC 5465 6.1).");
  }
  return { groups, wantsStatus };
}

export function isOfSelected({ kind }: MailboxFilter): boolean {
  return kind === "selected" || kind === "selectedDelayed";
}

function parseGroup(scanner: Scanner): EventGroup {
  scanner.open();
  const filter = parseMailboxFilter(scanner);
  if (filter.kind === "subtreeOne") throw scanner.error("Not possible in NOTIFY.");
  scanner.space();
  const events = new Set<EventName>();
  let items: readonly FetchItem[] = [];
  const parseEvent = () => {
    const event = eventOf(scanner.keyword("an event"));
    events.add(event);
    if (event === "MessageNew" && scanner.looksAt(" (")) {
      scanner.space();
      items = parseItemList(scanner);
    }
  };
  if (!scanner.skip("NONE")) {
    scanner.list(parseEvent, { allowEmpty: false, itemsMax: 2 * eventNames.length });
  }
  scanner.close();
  checkGroup(scanner, filter, events, items);
  return { filter, events, items };
}

function eventOf(word: string): EventName {
  const event = eventNames.find((name) => name.toUpperCase() === word);
  if (event === undefined) throw new UnknownEvent("unsupported", "Unknown event.");
  return event;
}

/** RFC 5465 §5 and §6.1. */
function checkGroup(
  scanner: Scanner,
  filter: MailboxFilter,
  events: ReadonlySet<EventName>,
  items: readonly FetchItem[],
): void {
  const [isNew, isExpunge] = [events.has("MessageNew"), events.has("MessageExpunge")];
  if (isNew !== isExpunge || (events.has("FlagChange") && !isNew)) {
    throw scanner.error("MessageNew and MessageExpunge go together, FlagChange needs them.");
  }
  const isSelected = isOfSelected(filter);
  if (items.length > 0 && !isSelected) {
    throw scanner.error("Data items are for the selected mailbox only.");
  }
  if (isSelected && [...events].some((event) => !messageEvents.has(event))) {
    throw scanner.error("Only messages can be watched in the selected mailbox.");
  }
}

const messageEvents: ReadonlySet<EventName> = new Set([
  "MessageNew",
  "MessageExpunge",
  "FlagChange",
]);
