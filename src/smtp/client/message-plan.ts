import { concat } from "../../base/bytes.ts";
import type { Consignment } from "../../queue/courier.ts";
import type { QueueMessage, QueueRecipient } from "../../store/queue.ts";
import { formatPath } from "../grammar/path.ts";
import { formatXtext } from "../grammar/xtext.ts";
import { readContentFacts, type ContentFacts } from "./content-facts.ts";
import type { Extensions } from "./extensions.ts";
import { fitContent } from "./fit-content.ts";
import type { TroubleFacts } from "./session-trouble.ts";

/** How one message goes over one session. */
export interface MessagePlan {
  readonly kind: "send";
  readonly mailCommand: string;
  readonly transfer: "data" | "bdat";
  readonly contentBytes: number;
  content(): AsyncIterable<Uint8Array> | readonly Uint8Array[];
  /** Recipients that this server cannot be given, with the reason. */
  readonly refused: readonly { readonly recipient: QueueRecipient; readonly facts: TroubleFacts }[];
}

/** The message cannot go over this server whatever the recipient. */
export interface NoPlan {
  readonly kind: "refuse";
  readonly facts: TroubleFacts;
}

export interface PlanOptions {
  readonly consignment: Consignment;
  readonly recipients: readonly QueueRecipient[];
  readonly extensions: Extensions;
  /** Longest message that is rewritten for a server that lacks an extension, bytes. */
  readonly rewriteBytesMax: number;
}

/** A message in the form in which it is sent. */
type Form = Pick<MessagePlan, "content" | "contentBytes"> & {
  readonly body: QueueMessage["bodyKind"];
};

/**
 * Decides which extensions a message needs and whether the server has them. What the sender
 * declared but the content does not need is not asked for; what it needs and the server lacks is
 * encoded; where that cannot be, the message fails with a clear reason rather than arrive damaged.
 */
export async function planMessage(options: PlanOptions): Promise<MessagePlan | NoPlan> {
  const { consignment, recipients, extensions } = options;
  const { message } = consignment.entry;
  const needing = recipients.filter(({ address }) => !isAscii(address));
  let isUtf8 = message.needsSmtpUtf8 || !isAscii(message.sender);
  if (isUtf8 && !extensions.smtpUtf8) {
    if (!isAscii(message.sender)) {
      return refuse("5.6.7", "the sender's address needs SMTPUTF8, which the server does not have");
    }
    if ((await readContentFacts(consignment.content())).hasHeader8Bit) {
      return refuse("5.6.9", "the header needs SMTPUTF8, which the server does not have");
    }
    isUtf8 = false;
  }
  const form = await findForm(options);
  if ("kind" in form) return form;
  const { body, content, contentBytes } = form;
  const { size, sizeBytesMax, smtpUtf8 } = extensions;
  if (sizeBytesMax > 0 && contentBytes > sizeBytesMax) {
    // RFC 1870 §6.1: no need to try.
    return refuse("5.3.4", `message of ${contentBytes} bytes; the server takes ${sizeBytesMax}`);
  }
  const words = [`MAIL FROM:${formatPath(message.sender)}`];
  if (size) words.push(`SIZE=${contentBytes}`);
  if (body !== "7bit") words.push(`BODY=${body.toUpperCase()}`);
  if (isUtf8 || (needing.length > 0 && smtpUtf8)) words.push("SMTPUTF8");
  if (message.isTlsRequired === true) words.push("REQUIRETLS");
  if (extensions.dsn) words.push(...dsnWords(message));
  const text = "the address needs SMTPUTF8, which the server does not have";
  const facts: TroubleFacts = { code: 0, status: "5.6.7", text };
  return {
    kind: "send",
    mailCommand: words.join(" "),
    transfer: body === "binarymime" ? "bdat" : "data",
    content,
    contentBytes,
    refused: smtpUtf8 ? [] : needing.map((recipient) => ({ recipient, facts })),
  };
}

/** RCPT with the parameters of RFC 3461 §4.1 and §4.2 where the server takes them (§5.2.1). */
export function rcptCommand(recipient: QueueRecipient, extensions: Extensions): string {
  const words = [`RCPT TO:${formatPath(recipient.address)}`];
  if (!extensions.dsn) return words.join(" ");
  const { notify, originalRecipient } = recipient;
  // Failure and delay are what a server does without being asked.
  const isUsual =
    notify.includes("failure") && notify.includes("delay") && !notify.includes("success");
  const wishes = notify.length === 0 ? "NEVER" : notify.join(",").toUpperCase();
  if (!isUsual) words.push(`NOTIFY=${wishes}`);
  if (originalRecipient !== undefined) words.push(`ORCPT=${originalRecipient}`);
  return words.join(" ");
}

/**
 * RFC 3461 §4.3 and §4.4. "full" is also what we note when the sender said nothing, and then
 * nothing is said for it; one that names its envelope has thought of notices.
 */
function dsnWords({ sender, returnContent, envelopeId }: QueueMessage): readonly string[] {
  const words: string[] = [];
  if (returnContent === "headers" && sender !== "") words.push("RET=HDRS");
  else if (envelopeId !== undefined) words.push("RET=FULL");
  if (envelopeId !== undefined) words.push(`ENVID=${formatXtext(envelopeId)}`);
  return words;
}

/** The message as it is where the server can take that, else as something that it can. */
async function findForm(options: PlanOptions): Promise<Form | NoPlan> {
  const { consignment, extensions, rewriteBytesMax } = options;
  const { bodyKind } = consignment.entry.message;
  const asItIs = (body: Form["body"]): Form => {
    return { body, content: () => consignment.content(), contentBytes: consignment.contentBytes };
  };
  if (hasExtensionFor(bodyKind, extensions)) return asItIs(bodyKind);
  const facts = await readContentFacts(consignment.content());
  const needed = neededFor(facts);
  if (hasExtensionFor(needed, extensions)) return asItIs(needed);
  const lacks = needed.toUpperCase();
  if (consignment.contentBytes <= rewriteBytesMax) {
    const pieces: Uint8Array[] = [];
    for await (const piece of consignment.content()) pieces.push(piece);
    const fitted = fitContent(concat(pieces), extensions.eightBitMime);
    if (fitted !== undefined) {
      const body = extensions.eightBitMime ? "8bitmime" : "7bit";
      return { body, content: () => [fitted], contentBytes: fitted.length };
    }
  }
  return refuse("5.6.3", `the server does not have ${lacks} and the message cannot be rewritten`);
}

function hasExtensionFor(body: Form["body"], extensions: Extensions): boolean {
  if (body === "7bit") return true;
  if (body === "8bitmime") return extensions.eightBitMime;
  return extensions.binaryMime && extensions.chunking;
}

function neededFor(facts: ContentFacts): Form["body"] {
  if (facts.isBinary) return "binarymime";
  return facts.has8Bit ? "8bitmime" : "7bit";
}

function refuse(status: string, text: string): NoPlan {
  return { kind: "refuse", facts: { code: 0, status, text } };
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
