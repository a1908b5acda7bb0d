import { quote } from "../../grammar/strings.ts";
import { untagged } from "../replies.ts";
import type { Session } from "../session.ts";

/** Tells how far a command has come, from time to time. */
export type Progress = (done: number, goal: number) => void;

/**
 * RFC 9585 §4: an untagged OK with INPROGRESS every `progressMs` while a command takes its time, so
 * that neither the person nor a firewall between thinks that nobody is there.
 */
export function progressOf(session: Session): Progress {
  const { clock, limits } = session.services;
  let toldMs = clock.monotonicMs();
  return (done, goal) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - toldMs < limits.progressMs || goal === 0) return;
    toldMs = nowMs;
    const tag = quote(session.tag ?? "");
    untagged(session, `OK [INPROGRESS (${tag} ${Math.min(done, goal)} ${goal})] Working on it.`);
    // A connection that is lost shows in the answer itself.
    session.wire.flush().catch(() => undefined);
  };
}
