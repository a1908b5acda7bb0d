import { untagged } from "../replies.ts";
import type { Session } from "../session.ts";

/** That more has changed than could be kept (RFC 5465 §5.8), once. */
export function tellOverflow(session: Session): void {
  if (!session.overflowed) return;
  session.overflowed = false;
  untagged(session, "OK [NOTIFICATIONOVERFLOW] Too much has changed; ask for it again.");
}
