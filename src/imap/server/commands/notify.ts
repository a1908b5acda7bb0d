import type { Refusal } from "../../../base/faults.ts";
import {
  eventNames,
  parseNotify,
  UnknownEvent,
  type NotifyArguments,
} from "../../grammar/notify-arguments.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { defineCommand, loggedIn, loggedInPhases } from "../command.ts";
import { Notifier } from "../notifying/notifier.ts";
import { tellStatus } from "../notifying/tell-changes.ts";
import { CodedRefusal } from "../replies.ts";
import { sendUpdates } from "../updates.ts";

/** RFC 5465 §3.1: what the client hears of, at any time. */
export const notify = defineCommand<NotifyArguments>({
  verb: "NOTIFY",
  rfc: "RFC 5465 §3.1",
  phases: loggedInPhases,
  capabilities: ["NOTIFY"],
  sequenceNumbers: "mayChange",
  parse,
  async run(session, { groups, wantsStatus }) {
    // An implicit NOOP: what has gathered is told before anything changes.
    if (groups.length > 0) sendUpdates(session, { expunge: true, isOwnAct: true });
    session.notifier?.[Symbol.dispose]();
    session.notifier = await Notifier.start(session, loggedIn(session).mail, groups);
    if (wantsStatus) await tellStatus(session, groups);
    return { text: groups.length > 0 ? "You will hear of it." : "You will hear of nothing." };
  },
});

function parse(scanner: Scanner): NotifyArguments {
  try {
    return parseNotify(scanner);
  } catch (error) {
    if (!(error instanceof UnknownEvent)) throw error;
    throw badEvent();
  }
}

/** RFC 5465 §3.1: NO, with all events that are known. */
function badEvent(): Refusal {
  return new CodedRefusal("notPermitted", `BADEVENT (${eventNames.join(" ")})`, "Unknown event.");
}
