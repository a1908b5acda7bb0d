import type { JourneyChange } from "../journeys.ts";
import { bareMessageId } from "./names.ts";

/** Texts under which a journey can be found after this change, beside its id. */
export function journeyHandles(change: JourneyChange): readonly string[] {
  const handles: string[] = [];
  if (change.messageIdHeader !== undefined && change.messageIdHeader !== "") {
    handles.push(bareMessageId(change.messageIdHeader));
  }
  for (const address of change.addresses ?? []) handles.push(address.toLowerCase());
  return handles;
}

/** Forms in which a handle that somebody typed may have been kept. */
export function wantedHandles(handle: string): readonly string[] {
  const bare = bareMessageId(handle);
  return [...new Set([bare, bare.toLowerCase()])];
}
