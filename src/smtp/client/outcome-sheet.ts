import { assert } from "../../base/assert.ts";
import type { RecipientOutcome, RemoteAnswer } from "../../queue/courier.ts";
import type { QueueRecipient } from "../../store/queue.ts";
import type { SessionTrouble, TroubleFacts } from "./session-trouble.ts";

/** The side that spoke: of a session, or nobody's. */
export interface Speaker {
  readonly host: string;
  readonly tls: string;
}

export const nobody: Speaker = { host: "", tls: "" };

/** What has become of each recipient of one attempt. Each is settled once. */
export class OutcomeSheet {
  readonly #recipients: readonly QueueRecipient[];
  readonly #outcomes = new Map<number, RecipientOutcome>();
  readonly #troubles: { readonly trouble: SessionTrouble; readonly answer: RemoteAnswer }[] = [];

  constructor(recipients: readonly QueueRecipient[]) {
    this.#recipients = recipients;
  }

  /** Recipients that are not settled yet. */
  get open(): readonly QueueRecipient[] {
    return this.#recipients.filter(({ recipient }) => !this.#outcomes.has(recipient));
  }

  deliver(
    recipients: readonly QueueRecipient[],
    facts: TroubleFacts,
    by: Speaker,
    canNotify: boolean,
  ): void {
    const answer = answerOf(facts, by);
    this.#settle(recipients, (recipient) => ({ kind: "delivered", recipient, answer, canNotify }));
  }

  fail(recipients: readonly QueueRecipient[], facts: TroubleFacts, by: Speaker): void {
    const answer = answerOf(facts, by);
    this.#settle(recipients, (recipient) => ({ kind: "failed", recipient, answer }));
  }

  delay(recipients: readonly QueueRecipient[], facts: TroubleFacts, by: Speaker): void {
    const answer = answerOf(facts, by);
    this.#settle(recipients, (recipient) => ({ kind: "delayed", recipient, answer }));
  }

  /** Notes why a host could not be used: what is said of those whom no host took. */
  note(trouble: SessionTrouble, by: Speaker): void {
    this.#troubles.push({ trouble, answer: answerOf(trouble.facts, by) });
  }

  /**
   * Opens again whom a host refused by policy (RFC 3463 §3.8, X.7.Y): another way may be open to
   * them. Who has no mailbox there has none by another way, and who may have the message already
   * is not sent it again.
   */
  reopenRefused(): void {
    for (const [recipient, { kind, answer }] of this.#outcomes) {
      const isRefused = kind !== "delivered" && answer.code >= 400;
      if (isRefused && /^[45]\.7\./.test(answer.status)) this.#outcomes.delete(recipient);
    }
  }

  /**
   * Settles who is left and returns everybody's outcome. They failed for good only when every
   * host that was tried said so (RFC 5321 §5.1: an alternative may still take it).
   */
  finish(otherwise: TroubleFacts): readonly RecipientOutcome[] {
    const passing = this.#troubles.findLast(({ trouble }) => !trouble.isPermanent);
    const last = passing ?? this.#troubles.at(-1);
    const answer = last?.answer ?? answerOf(otherwise, nobody);
    const kind = last !== undefined && passing === undefined ? "failed" : "delayed";
    this.#settle(this.open, (recipient) => ({ kind, recipient, answer }));
    return this.#recipients.map(({ recipient }) => {
      const outcome = this.#outcomes.get(recipient);
      assert(outcome !== undefined, "every recipient has an outcome");
      return outcome;
    });
  }

  #settle(
    recipients: readonly QueueRecipient[],
    outcomeOf: (recipient: number) => RecipientOutcome,
  ): void {
    for (const { recipient } of recipients) {
      assert(!this.#outcomes.has(recipient), "a recipient is settled once");
      this.#outcomes.set(recipient, outcomeOf(recipient));
    }
  }
}

function answerOf(facts: TroubleFacts, by: Speaker): RemoteAnswer {
  return { ...facts, host: by.host, tls: by.tls };
}
