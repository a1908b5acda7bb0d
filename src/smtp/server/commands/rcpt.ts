import { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { needsSmtpUtf8, parseRcptArgument, type RcptArgument } from "../../grammar/envelope.ts";
import { judgeRecipient } from "../judge-recipient.ts";
import { recordRefusedRecipient } from "../record-refusal.ts";
import { replyTo } from "../replies.ts";
import type { SmtpSession, Transaction } from "../session.ts";

export const rcpt = defineRow<SmtpSession, string, RcptArgument>({
  verb: "RCPT",
  rfc: "RFC 5321 §4.1.1.3",
  // RFC 9422: RCPTMAX is the number at which this row says 452.
  capabilities: ["LIMITS"],
  phases: ["mail", "rcpt"],
  parse: parseRcptArgument,
  async run(session, argument) {
    const { state, services } = session;
    if (state.phase !== "mail" && state.phase !== "rcpt") {
      throw new Refusal("badState", "Say MAIL first.");
    }
    const { transaction, hello } = state;
    const { recipient } = argument;
    if (recipient.kind === "mailbox" && recipient.isUtf8 && !transaction.mail.isUtf8) {
      throw needsSmtpUtf8();
    }
    const address = recipient.kind === "mailbox" ? recipient.address : services.postmaster;
    if (transaction.recipients.length >= services.limits.recipientsMax) {
      return refuse(session, transaction, address, tooManyRecipients());
    }
    const answer = await judgeRecipient(session, transaction, address);
    if (answer instanceof Refusal) return refuse(session, transaction, address, answer);
    const excess = await countNew(session, address);
    if (excess !== undefined) return refuse(session, transaction, address, excess);
    const { notify, originalRecipient } = argument;
    session.recipientCount++;
    transaction.recipients.push({ address, destinations: answer, notify, originalRecipient });
    transaction.recorder.add("smtp.recipient", { address });
    session.state = { phase: "rcpt", hello, transaction };
    session.ok("2.1.5", "Ok");
  },
});

/** Whoever is logged in may write to so many new recipients in an hour and a day. */
async function countNew(session: SmtpSession, address: string): Promise<Refusal | undefined> {
  const { login, services } = session;
  return login && services.sending?.countRecipient(login, address);
}

/** RFC 5321 §4.5.3.1.10: 452, so that the client sends the rest in another transaction. */
function tooManyRecipients(): Refusal {
  return new Refusal("tooManyRecipients", "Enough recipients; send the others separately.");
}

/**
 * A refused recipient is no error of the client's program, so it has a budget of its own. A list
 * with dead addresses among good ones is served at full speed; who is refused more often than
 * accepted is guessing: it has to wait, and hears good-bye when the budget is used up.
 */
function refuse(
  session: SmtpSession,
  transaction: Transaction,
  address: string,
  refusal: Refusal,
): void {
  const { reason } = refusal;
  recordRefusedRecipient(session, transaction, address, refusal);
  transaction.recorder.add("smtp.recipientRefused", { address, reason });
  session.services.log.write("info", "smtp.recipientRefused", {
    session: session.id,
    remote: session.remoteAddress,
    sender: transaction.sender,
    recipient: address,
    reason,
  });
  session.answer(replyTo(refusal));
  if (refusal.isTemporary || reason === "tooManyRecipients") return;
  session.recipientErrorCount++;
  if (session.recipientErrorCount <= session.recipientCount) return;
  session.noteError();
  if (session.recipientErrorCount >= session.services.limits.recipientErrorsMax) {
    session.hangUp(new Refusal("tooManyErrors", "Too many wrong recipients."));
  }
}
