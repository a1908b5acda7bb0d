import type { Consignment } from "../../queue/courier.ts";
import type { QueueRecipient } from "../../store/queue.ts";
import { formatXtext } from "../grammar/xtext.ts";
import { formatPath } from "../grammar/path.ts";
import { readContentFacts, type ContentFacts } from "./content-facts.ts";
import type { Extensions } from "./extensions.ts";
import type { TroubleFacts } from "./session-trouble.ts";

/** How one message goes over one session. */
export interface MessagePlan {
  readonly kind: "send";
  readonly mailCommand: string;
  readonly transfer: "data" | "bdat";
  /** Recipients that this server cannot be given, with the reason. */
  readonly refused: readonly { readonly recipient: QueueRecipient; readonly facts: TroubleFacts }[];
}

/** The message cannot go over this server whatever the recipient. */
export interface NoPlan {
  readonly kind: "refuse";
  readonly facts: TroubleFacts;
}

/**
 * Decides which extensions a message needs and whether the server has them. What the sender
 * declared but the content does not need is not asked for; what it does need is never done
 * without: the message fails with a clear reason rather than arrive damaged.
 */
export async function planMessage(
  consignment: Consignment,
  recipients: readonly QueueRecipient[],
  extensions: Extensions,
): Promise<MessagePlan | NoPlan> {
  const { message } = consignment.entry;
  const { contentBytes } = consignment;
  if (extensions.sizeBytesMax > 0 && contentBytes > extensions.sizeBytesMax) {
    // RFC 1870 §6.1: no need to try.
    return refuse(
      "5.3.4",
      `message of ${contentBytes} bytes; the server takes ${extensions.sizeBytesMax}`,
    );
  }
  let facts: ContentFacts | undefined;
  const content = async () => (facts ??= await readContentFacts(consignment.content()));

  let body = message.bodyKind;
  if (body === "binarymime" && !(extensions.binaryMime && extensions.chunking)) {
    if ((await content()).isBinary) {
      return refuse(
        "5.6.3",
        "message is binary and the server does not take BINARYMIME (RFC 3030)",
      );
    }
    body = "8bitmime";
  }
  if (body === "8bitmime" && !extensions.eightBitMime) {
    if ((await content()).has8Bit) {
      return refuse(
        "5.6.3",
        "message has 8-bit text and the server does not take 8BITMIME (RFC 6152)",
      );
    }
    body = "7bit";
  }
  let isUtf8 = message.needsSmtpUtf8 || !isAscii(message.sender);
  const needing = recipients.filter(({ address }) => !isAscii(address));
  if (isUtf8 && !extensions.smtpUtf8) {
    if (!isAscii(message.sender)) {
      return refuse("5.6.7", "the sender's address needs SMTPUTF8, which the server does not have");
    }
    if ((await content()).hasHeader8Bit) {
      return refuse("5.6.9", "the header needs SMTPUTF8, which the server does not have");
    }
    isUtf8 = false;
  }
  const text = "the address needs SMTPUTF8, which the server does not have";
  const reason: TroubleFacts = { code: 0, status: "5.6.7", text };
  return {
    kind: "send",
    mailCommand: mailCommand(
      consignment,
      extensions,
      body,
      isUtf8 || (needing.length > 0 && extensions.smtpUtf8),
    ),
    transfer: body === "binarymime" ? "bdat" : "data",
    refused: extensions.smtpUtf8 ? [] : needing.map((recipient) => ({ recipient, facts: reason })),
  };
}

function mailCommand(
  { entry, contentBytes }: Consignment,
  extensions: Extensions,
  body: "7bit" | "8bitmime" | "binarymime",
  isUtf8: boolean,
): string {
  const { sender, envelopeId, returnContent } = entry.message;
  const words = [`MAIL FROM:${formatPath(sender)}`];
  if (extensions.size) words.push(`SIZE=${contentBytes}`);
  if (body !== "7bit") words.push(`BODY=${body.toUpperCase()}`);
  if (isUtf8) words.push("SMTPUTF8");
  if (extensions.dsn) {
    // RFC 3461 §4.3. "full" is also what we note when the sender said nothing, and then nothing
    // is said for it; one that names its envelope has thought of notices.
    if (returnContent === "headers" && sender !== "") words.push("RET=HDRS");
    else if (envelopeId !== undefined) words.push("RET=FULL");
    if (envelopeId !== undefined) words.push(`ENVID=${formatXtext(envelopeId)}`);
  }
  return words.join(" ");
}

/** RCPT with the parameters of RFC 3461 §4.1 and §4.2 where the server takes them (§5.2.1). */
export function rcptCommand(recipient: QueueRecipient, extensions: Extensions): string {
  const words = [`RCPT TO:${formatPath(recipient.address)}`];
  if (extensions.dsn) {
    const { notify, originalRecipient } = recipient;
    const isUsual =
      notify.includes("failure") && notify.includes("delay") && !notify.includes("success");
    // Failure and delay are what a server does without being asked.
    if (!isUsual)
      words.push(`NOTIFY=${notify.length === 0 ? "NEVER" : notify.join(",").toUpperCase()}`);
    if (originalRecipient !== undefined) words.push(`ORCPT=${originalRecipient}`);
  }
  return words.join(" ");
}

function refuse(status: string, text: string): NoPlan {
  return { kind: "refuse", facts: { code: 0, status, text } };
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
