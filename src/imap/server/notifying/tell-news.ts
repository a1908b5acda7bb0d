import { asRefusal, ConnectionLost } from "../../../base/faults.ts";
import { refreshContexts } from "../searching/refresh-contexts.ts";
import type { Session } from "../session.ts";
import { tellArrived } from "./tell-arrived.ts";
import { tellOverflow } from "./tell-overflow.ts";

/**
 * What follows the news of `sendUpdates`: kept searches, data of new messages, other mailboxes. A
 * store that cannot answer now only delays it: the command at hand has been done, and its answer
 * says so.
 */
export async function tellNews(session: Session): Promise<void> {
  try {
    await refreshContexts(session);
    await tellArrived(session);
    await session.notifier?.tellOthers();
    tellOverflow(session);
  } catch (error) {
    if (error instanceof ConnectionLost) throw error;
    const { reason, detail } = asRefusal(error);
    session.services.log.write("warn", "imap.newsDelayed", { reason, detail });
  }
}
