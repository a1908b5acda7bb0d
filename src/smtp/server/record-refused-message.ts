import { asRefusal, type Refusal } from "../../base/faults.ts";
import type { SmtpSession, Transaction } from "./session.ts";

/**
 * Keeps the journey of a message that was refused after its data, so that "where is my mail?" has
 * an answer. Best effort: the refusal is said whether or not this can be written, and nobody waits
 * for it. Recipients had passed their checks, so guessing addresses does not get here.
 */
export function recordRefusedMessage(
  session: SmtpSession,
  transaction: Transaction,
  refusal: Refusal,
): void {
  const { store, clock, log } = session.services;
  if (refusal.reason === "diskFull" || refusal.reason === "shuttingDown") return;
  transaction.recorder.add("smtp.refused", { reason: refusal.reason, text: refusal.text });
  const { sender, recipients, journey, recorder } = transaction;
  const addresses = [sender, ...recipients.map((recipient) => recipient.address)];
  const batch = {
    actor: "smtp",
    atMs: clock.now(),
    changes: [
      {
        kind: "journey.append" as const,
        journey,
        steps: recorder.steps(),
        addresses: addresses.filter((address) => address !== ""),
      },
    ],
  };
  store.apply(batch).catch((error: unknown) => {
    log.write("warn", "smtp.journeyLost", { journey, detail: asRefusal(error).message });
  });
}
