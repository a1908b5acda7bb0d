import { assert } from "../../base/assert.ts";
import type { QueueRecipient } from "../../store/queue.ts";
import type { Reply } from "../grammar/reply.ts";
import type { ClientSession } from "./client-session.ts";
import { DotStuffer } from "./dot-stuffer.ts";
import { rcptCommand, type MessagePlan } from "./message-plan.ts";
import type { OutcomeSheet } from "./outcome-sheet.ts";
import { factsOf, isSuccess, refusedBy, SessionTrouble, trouble } from "./session-trouble.ts";

export interface TransactionOptions {
  readonly session: ClientSession;
  readonly plan: MessagePlan;
  readonly recipients: readonly QueueRecipient[];
  readonly sheet: OutcomeSheet;
}

/**
 * One mail transaction (RFC 5321 §3.3): MAIL, RCPT for each, the message. Settles on the sheet
 * everybody whom the server has answered for, and returns those whom it wants in another
 * transaction (RFC 5321 §4.5.3.1.10).
 * @throws SessionTrouble when the host cannot be used further; who is not settled then may be
 *   tried at another one.
 */
export async function runTransaction(
  options: TransactionOptions,
): Promise<readonly QueueRecipient[]> {
  const { session, sheet, recipients, plan } = options;
  session.messageCount++;
  const isPipelined = session.extensions.pipelining;
  const answers = isPipelined ? await askTogether(options) : await askOneByOne(options);
  const isRefused = !isSuccess(answers.mail) || !answers.rcpts.some(isSuccess);
  if (isRefused && answers.data?.code === 354) {
    // RFC 2920 §3.1: a 354 without recipients is ended with an empty message.
    await session.send(".\r\n", "DATA");
    await session.readReply("the end of data", session.limits.finalDotTimeoutMs);
  }
  if (!isSuccess(answers.mail)) {
    if (answers.mail.code < 500) throw refusedBy(answers.mail);
    sheet.fail(recipients, factsOf(answers.mail), session);
    return [];
  }
  const { accepted, again } = sortRecipients(options, answers.rcpts);
  if (accepted.length === 0) return again;
  if (plan.transfer === "bdat") await sendChunk(options, accepted);
  else await sendData(options, accepted, answers.data);
  return again;
}

interface Answers {
  readonly mail: Reply;
  /** As many as recipients when MAIL was accepted. */
  readonly rcpts: readonly Reply[];
  /** Only when DATA went along in the pipeline. */
  readonly data: Reply | undefined;
}

/** RFC 2920 §3.1: MAIL, all RCPT and DATA in one go. */
async function askTogether(options: TransactionOptions): Promise<Answers> {
  const { session, plan, recipients } = options;
  const { mailTimeoutMs, rcptTimeoutMs, dataTimeoutMs } = session.limits;
  session.queueCommand(plan.mailCommand);
  for (const recipient of recipients) {
    session.queueCommand(rcptCommand(recipient, session.extensions));
  }
  const hasData = plan.transfer === "data";
  if (hasData) session.queueCommand("DATA");
  const mail = await session.readReply("MAIL FROM", mailTimeoutMs);
  const rcpts: Reply[] = [];
  while (rcpts.length < recipients.length) {
    rcpts.push(await session.readReply("RCPT TO", rcptTimeoutMs));
  }
  const data = hasData ? await session.readReply("DATA", dataTimeoutMs) : undefined;
  return { mail, rcpts, data };
}

async function askOneByOne(options: TransactionOptions): Promise<Answers> {
  const { session, plan, recipients } = options;
  const { mailTimeoutMs, rcptTimeoutMs } = session.limits;
  const mail = await session.command(plan.mailCommand, mailTimeoutMs);
  const rcpts: Reply[] = [];
  for (const recipient of isSuccess(mail) ? recipients : []) {
    const command = rcptCommand(recipient, session.extensions);
    rcpts.push(await session.command(command, rcptTimeoutMs));
  }
  return { mail, rcpts, data: undefined };
}

function sortRecipients(
  { session, sheet, recipients }: TransactionOptions,
  replies: readonly Reply[],
): { readonly accepted: readonly QueueRecipient[]; readonly again: readonly QueueRecipient[] } {
  const accepted: QueueRecipient[] = [];
  const again: QueueRecipient[] = [];
  for (const [at, recipient] of recipients.entries()) {
    const reply = replies[at];
    assert(reply !== undefined, "every RCPT has an answer");
    if (isSuccess(reply)) accepted.push(recipient);
    else if (accepted.length > 0 && isTooMany(reply)) again.push(recipient);
    else settleRefused(sheet, [recipient], reply, session);
  }
  return { accepted, again };
}

/** RFC 5321 §4.5.3.1.10: 452, and the 552 of old servers; a full mailbox says so in its status. */
function isTooMany(reply: Reply): boolean {
  return (reply.code === 452 || reply.code === 552) && !/^[45]\.2\./.test(reply.status ?? "");
}

/** Anything but success: 5xx is for good, 4xx and what makes no sense here is not. */
function settleRefused(
  sheet: OutcomeSheet,
  recipients: readonly QueueRecipient[],
  reply: Reply,
  session: ClientSession,
): void {
  if (reply.code >= 500) sheet.fail(recipients, factsOf(reply), session);
  else sheet.delay(recipients, refusedBy(reply).facts, session);
}

async function sendData(
  options: TransactionOptions,
  accepted: readonly QueueRecipient[],
  pipelined: Reply | undefined,
): Promise<void> {
  const { session, sheet, plan } = options;
  const go = pipelined ?? (await session.command("DATA", session.limits.dataTimeoutMs));
  if (go.code !== 354) {
    settleRefused(sheet, accepted, go, session);
    // A server that took DATA for anything else is not where we think it is.
    if (go.code < 400) throw refusedBy(go);
    return;
  }
  const stuffer = new DotStuffer();
  try {
    for await (const piece of plan.content()) {
      const parts: Uint8Array[] = [];
      stuffer.push(piece, (part) => parts.push(part));
      for (const part of parts) await session.send(part, "the message");
    }
  } catch (error) {
    // A server that does not want to hear more may say why before it hangs up.
    const reply = error instanceof SessionTrouble ? await session.lastWords() : undefined;
    if (reply !== undefined && reply.code >= 400) settleRefused(sheet, accepted, reply, session);
    throw error;
  }
  await endMessage(options, accepted, stuffer.end());
}

/** RFC 3030 §2: the whole message as one chunk, the last. */
async function sendChunk(
  options: TransactionOptions,
  accepted: readonly QueueRecipient[],
): Promise<void> {
  const { session, plan } = options;
  session.queueCommand(`BDAT ${plan.contentBytes} LAST`);
  let sentBytes = 0;
  let held: Uint8Array = new Uint8Array();
  for await (const piece of plan.content()) {
    if (piece.length === 0) continue;
    await session.send(held, "the message");
    held = piece;
    sentBytes += piece.length;
  }
  assert(sentBytes === plan.contentBytes, "a message is as long as it says");
  await endMessage(options, accepted, held);
}

/**
 * Sends what makes the message complete, and learns what became of it. From here on silence does
 * not mean that it was not delivered: whoever is not answered for is tried again later, at the
 * price of a possible second copy (RFC 5321 §4.5.4.1), never at another host at once.
 */
async function endMessage(
  { session, sheet }: TransactionOptions,
  accepted: readonly QueueRecipient[],
  last: Uint8Array | string,
): Promise<void> {
  let reply: Reply;
  session.expectQuiet();
  try {
    await session.send(last, "the end of data");
    reply = await session.readReply("the end of data", session.limits.finalDotTimeoutMs);
  } catch (error) {
    if (!(error instanceof SessionTrouble)) throw error;
    const { facts } = error;
    const text = facts.code === 0 ? `${facts.text}; it may have arrived` : facts.text;
    if (error.isPermanent) sheet.fail(accepted, facts, session);
    else sheet.delay(accepted, { ...facts, text }, session);
    throw trouble(facts.status, facts.text);
  }
  if (isSuccess(reply)) sheet.deliver(accepted, factsOf(reply), session, session.extensions.dsn);
  else settleRefused(sheet, accepted, reply, session);
}
