import type { FetchItem } from "../../grammar/fetch-attributes.ts";
import { isOfSelected, type EventGroup } from "../../grammar/notify-arguments.ts";
import type { Session } from "../session.ts";

/** What a client that used NOTIFY wants to hear of its selected mailbox (RFC 5465 §6.1). */
export interface SelectedWishes {
  /** Nothing at all is told unless the command itself did it. */
  readonly isSilent: boolean;
  /** Expunges are told at any time, not only where a command allows them. */
  readonly tellsExpungesNow: boolean;
  readonly wantsFlags: boolean;
  /** What is told of each new message. */
  readonly items: readonly FetchItem[];
}

/** Before NOTIFY: news with commands, all of it. */
const usual: SelectedWishes = {
  isSilent: false,
  tellsExpungesNow: false,
  wantsFlags: true,
  items: [],
};

export function selectedWishes({ notifier }: Session): SelectedWishes {
  return notifier === undefined ? usual : wishesOf(notifier.groups);
}

function wishesOf(groups: readonly EventGroup[]): SelectedWishes {
  const group = groups.find(({ filter }) => isOfSelected(filter));
  return {
    isSilent: group?.events.has("MessageNew") !== true,
    tellsExpungesNow: group?.filter.kind === "selected",
    wantsFlags: group?.events.has("FlagChange") === true,
    items: group?.items ?? [],
  };
}
