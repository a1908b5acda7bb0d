import { asRefusal, type Refusal } from "../../base/faults.ts";
import type { DeliveryOutcome, Submission } from "../../delivery/delivery.ts";
import { reply } from "../grammar/reply.ts";
import type { MessageBuffer } from "./message-buffer.ts";
import { recordRefusedMessage } from "./record-refusal.ts";
import type { Hello, SmtpSession, Transaction } from "./session.ts";
import { tlsText } from "./tls-text.ts";

/**
 * Hands a whole message over and answers for it: once with SMTP, once for each recipient with LMTP
 * (RFC 2033 §4.2), unless it ended with a chunk that was not the last, which has one answer.
 * Success is said only after the message is durable. The transaction is over.
 */
export async function finishMessage(
  session: SmtpSession,
  transaction: Transaction,
  buffer: MessageBuffer,
  isWhole = true,
): Promise<void> {
  const result = buffer.refusal ?? (await deliver(session, transaction, buffer));
  const refusal = wholeRefusal(result);
  if (refusal !== undefined) note(session, transaction, refusal);
  else noteAccepted(session, transaction, buffer);
  if (session.services.role === "lmtp" && isWhole) answerEach(session, transaction, result);
  else answerOnce(session, transaction, refusal);
  session.reset();
}

async function deliver(
  session: SmtpSession,
  transaction: Transaction,
  buffer: MessageBuffer,
): Promise<Result> {
  const { services, login } = session;
  transaction.recorder.add("smtp.received", { bytes: buffer.seenBytes });
  try {
    const excess = login && (await services.sending?.countMessage(login));
    if (excess !== undefined) return excess;
    return await services.delivery.deliver(submissionOf(session, transaction, buffer));
  } catch (error) {
    return asRefusal(error);
  }
}

function submissionOf(
  session: SmtpSession,
  transaction: Transaction,
  buffer: MessageBuffer,
): Submission {
  const { mail, journey, sender, recipients, recorder, startedAtMs } = transaction;
  const hello = helloOf(session);
  return {
    journey,
    sender,
    recipients,
    parts: buffer.parts,
    connection: {
      remoteAddress: session.remoteAddress,
      helo: hello.name,
      protocol: {
        base: session.services.role === "lmtp" ? "lmtp" : "smtp",
        isExtended: hello.isExtended,
        isTls: session.wire.connection.tls !== undefined,
        isAuthenticated: session.login !== undefined,
        isUtf8: mail.isUtf8,
      },
      tls: tlsText(session.wire.connection),
      startedAtMs,
    },
    login: session.login,
    envelopeId: mail.envelopeId,
    returnContent: mail.returnContent,
    needsSmtpUtf8: mail.isUtf8,
    ...(mail.isTlsRequired ? { isTlsRequired: true as const } : {}),
    bodyKind: mail.bodyKind,
    steps: recorder.steps(),
    failuresBy: session.services.role === "lmtp" ? "door" : "notice",
  };
}

function helloOf(session: SmtpSession): Hello {
  const { state } = session;
  if (state.phase === "start" || state.phase === "over") return { name: "", isExtended: false };
  return state.hello;
}

type Result = readonly DeliveryOutcome[] | Refusal;

function isOutcomes(result: Result): result is readonly DeliveryOutcome[] {
  return Array.isArray(result);
}

/** A failure of the whole message: everybody's, since otherwise some have it. */
function wholeRefusal(result: Result): Refusal | undefined {
  if (!isOutcomes(result)) return result;
  if (!result.every((outcome) => outcome.refusal !== undefined)) return undefined;
  return asRefusal(result[0]?.refusal);
}

function answerOnce(
  session: SmtpSession,
  transaction: Transaction,
  refusal: Refusal | undefined,
): void {
  if (refusal === undefined) session.answer(kept(transaction));
  else session.answerRefusal(refusal);
}

function answerEach(session: SmtpSession, transaction: Transaction, result: Result): void {
  for (const [at] of transaction.recipients.entries()) {
    const refusal = isOutcomes(result) ? result[at]?.refusal : result;
    answerOnce(session, transaction, refusal === undefined ? undefined : asRefusal(refusal));
  }
}

function kept(transaction: Transaction) {
  return reply(250, "2.0.0", `Ok: kept as ${transaction.journey}`);
}

function noteAccepted(session: SmtpSession, transaction: Transaction, buffer: MessageBuffer): void {
  const { log, clock } = session.services;
  session.noteAccepted();
  log.write("info", "smtp.accepted", {
    session: session.id,
    journey: transaction.journey,
    remote: session.remoteAddress,
    sender: transaction.sender,
    recipients: transaction.recipients.length,
    bytes: buffer.seenBytes,
    ms: clock.now() - transaction.startedAtMs,
  });
}

function note(session: SmtpSession, transaction: Transaction, refusal: Refusal): void {
  const { log } = session.services;
  if (!refusal.isTemporary) session.noteError();
  log.write(refusal.reason === "bug" ? "error" : "info", "smtp.messageRefused", {
    session: session.id,
    journey: transaction.journey,
    remote: session.remoteAddress,
    sender: transaction.sender,
    reason: refusal.reason,
    detail: refusal.detail,
  });
  recordRefusedMessage(session, transaction, refusal);
}
