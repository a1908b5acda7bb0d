import type { Reply } from "../grammar/reply.ts";
import { replyText } from "./reply-collector.ts";

/** What can be told of a failure, before it is known which recipients it concerns. */
export interface TroubleFacts {
  /** 0 when the remote did not answer. */
  readonly code: number;
  readonly status: string;
  readonly text: string;
}

/** A host cannot be used for this message, or not any longer; another one may. */
export class SessionTrouble extends Error {
  override name = "SessionTrouble";
  readonly facts: TroubleFacts;
  /** The remote says that trying again is of no use (5xx). */
  readonly isPermanent: boolean;

  constructor(facts: TroubleFacts, isPermanent = false) {
    super(facts.text);
    this.facts = facts;
    this.isPermanent = isPermanent;
  }
}

/** Trouble of our own finding: `status` is RFC 3463, class 4. */
export function trouble(status: string, text: string): SessionTrouble {
  return new SessionTrouble({ code: 0, status, text });
}

/** The TLS handshake did not work: opportunistic TLS may go on in plain text next time. */
export class TlsTrouble extends SessionTrouble {
  override name = "TlsTrouble";
}

/** An answer that ends the use of a host; one that is no refusal was not understood. */
export function refusedBy(reply: Reply): SessionTrouble {
  if (reply.code < 400) {
    return trouble("4.5.0", `unexpected answer ${reply.code} ${replyText(reply)}`);
  }
  return new SessionTrouble(factsOf(reply), reply.code >= 500);
}

export function isSuccess(reply: Reply): boolean {
  return reply.code < 300;
}

/** RFC 3463 status of an answer: its own, or the class of its code without more. */
export function factsOf(reply: Reply): TroubleFacts {
  const status = reply.status ?? `${Math.trunc(reply.code / 100)}.0.0`;
  return { code: reply.code, status, text: replyText(reply) };
}
