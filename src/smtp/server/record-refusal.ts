import { asRefusal, type Refusal } from "../../base/faults.ts";
import type { JourneyId } from "../../base/ids.ts";
import { JourneyRecorder, newJourneyId } from "../../journey/recorder.ts";
import type { SmtpSession, Transaction } from "./session.ts";

/** Reasons that say that nothing can be written now, or that somebody is only guessing. */
const unrecorded: ReadonlySet<string> = new Set([
  "diskFull",
  "shuttingDown",
  "noSuchUser",
  "relayDenied",
  "tooManyRecipients",
]);

/** Refused recipients of one connection that are recorded: asking again and again fills no disk. */
const recipientsRecordedMax = 20;

/**
 * Keeps the journey of a message that was refused after its data, so that "where is my mail?" has
 * an answer. Best effort: the refusal is said whether or not this can be written, and nobody waits
 * for it.
 */
export function recordRefusedMessage(
  session: SmtpSession,
  transaction: Transaction,
  refusal: Refusal,
): void {
  if (unrecorded.has(refusal.reason)) return;
  const { recorder, sender, recipients, journey } = transaction;
  recorder.add("smtp.refused", { reason: refusal.reason, text: refusal.text });
  const addresses = [sender, ...recipients.map((recipient) => recipient.address)];
  record(session, journey, recorder, addresses);
}

/**
 * The same for one of our users who was refused as a recipient (full, disabled): a record of its
 * own, since the message may go on for others. Addresses that do not exist have none, so that
 * guessing costs us nothing.
 */
export function recordRefusedRecipient(
  session: SmtpSession,
  transaction: Transaction,
  address: string,
  refusal: Refusal,
): void {
  const { clock, random } = session.services;
  if (unrecorded.has(refusal.reason)) return;
  if (session.recordedRecipientCount >= recipientsRecordedMax) return;
  session.recordedRecipientCount++;
  const recorder = new JourneyRecorder(clock, transaction.recorder);
  recorder.add("smtp.recipientRefused", { address, reason: refusal.reason, text: refusal.text });
  record(session, newJourneyId(random), recorder, [transaction.sender, address]);
}

/**
 * The same for one of our users who may not send more for now: nothing of a message is there.
 * Errors in a row end the connection, so a connection has few of them.
 */
export function recordRefusedSender(session: SmtpSession, sender: string, refusal: Refusal): void {
  const { clock, random } = session.services;
  const recorder = new JourneyRecorder(clock, session.recorder);
  recorder.add("smtp.refused", { sender, reason: refusal.reason, text: refusal.text });
  record(session, newJourneyId(random), recorder, [sender]);
}

function record(
  session: SmtpSession,
  journey: JourneyId,
  recorder: JourneyRecorder,
  addresses: readonly string[],
): void {
  const { store, clock, log } = session.services;
  const change = {
    kind: "journey.append" as const,
    journey,
    steps: recorder.steps(),
    addresses: addresses.filter((address) => address !== ""),
  };
  const batch = { actor: "smtp", atMs: clock.now(), changes: [change] };
  store.apply(batch).catch((error: unknown) => {
    log.write("warn", "smtp.journeyLost", { journey, detail: asRefusal(error).message });
  });
}
