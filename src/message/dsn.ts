import { isAscii } from "node:buffer";
import { concat, fromUtf8 } from "../base/bytes.ts";
import { formatAddress } from "./addresses.ts";
import type { MailboxAddress } from "./addresses.ts";
import { bytesOf, encodingField, multipartEntity, textEntity } from "./building/entities.ts";
import type { Entity } from "./building/entities.ts";
import { foldLine, formatHeaderField } from "./building/header-fields.ts";
import { formatDate } from "./dates.ts";
import { readHeader } from "./headers.ts";

/** What happened to a recipient (RFC 3464 §2.3.3). */
export type DsnAction = "failed" | "delayed" | "delivered" | "relayed" | "expanded";

/** One recipient of a notification (RFC 3464 §2.3). */
export interface DsnRecipient {
  /** The address that delivery was tried to. */
  readonly address: string;
  /** ORCPT as it came, `type;encoded` (RFC 3461 §4.2). */
  readonly originalRecipient?: string;
  readonly action: DsnAction;
  /** Enhanced status code, `5.1.1` (RFC 3463). */
  readonly status: string;
  /** Host that answered. */
  readonly remoteHost?: string;
  /** The remote's own words, code included; may be several lines. */
  readonly diagnostic?: string;
  readonly lastAttemptMs?: number;
  /** For `delayed`: until when it will be tried. */
  readonly retryUntilMs?: number;
}

/** A delivery status notification to build. */
export interface Dsn {
  /** Name of this server. */
  readonly reportingHost: string;
  /** Who sends it, usually MAILER-DAEMON at this server. */
  readonly from: MailboxAddress;
  /** Whom it goes to: the reverse path of the message. */
  readonly to: string;
  /** ENVID as it came, decoded from xtext (RFC 3461 §4.4). */
  readonly envelopeId?: string;
  readonly arrivedMs: number;
  readonly recipients: readonly DsnRecipient[];
  /** The whole message, or its beginning with the whole header. */
  readonly original: Uint8Array;
  /** RET (RFC 3461 §4.3): the whole message or its header only. */
  readonly returns: "full" | "headers";
  /** What the person reads first; the default says it in plain English. */
  readonly explanation?: string;
}

export interface DsnContext {
  readonly nowMs: number;
  /** Without brackets. */
  readonly messageId: string;
  /** At least 12 random letters and digits. */
  readonly boundarySeed: string;
}

/**
 * Builds a delivery status notification: multipart/report (RFC 6522) of a text for the person,
 * message/delivery-status (RFC 3464) and the message or its header. With addresses or diagnostics
 * outside ASCII the global forms of RFC 6533 are used, and whoever sends it needs SMTPUTF8 when
 * `to` is not ASCII. The caller sends it from the null reverse path.
 */
export function buildDsn(dsn: Dsn, context: DsnContext): Uint8Array {
  const [first] = dsn.recipients;
  const action = dsn.recipients.find((each) => each.action === "failed")?.action ?? first?.action;
  const to: MailboxAddress = splitAddress(dsn.to);
  const isGlobal = dsn.recipients.some(isInternational);
  const fields = [
    ["Date", formatDate(context.nowMs)],
    ["From", formatAddress(dsn.from)],
    ["To", formatAddress(to)],
    ["Subject", subjects[action ?? "failed"]],
    ["Message-ID", `<${context.messageId}>`],
    ["Auto-Submitted", "auto-replied"], // RFC 3834 §3.1.7
    ["MIME-Version", "1.0"],
  ] as const;
  const parts = [
    textEntity(dsn.explanation ?? explain(dsn), "plain"),
    statusEntity(dsn, isGlobal),
    originalEntity(dsn, isGlobal),
  ];
  const report = multipartEntity(
    "report",
    parts,
    context.boundarySeed,
    `; report-type=${isGlobal ? "global-delivery-status" : "delivery-status"}`,
  );
  const header = fields.map(([name, value]) => formatHeaderField(name, value)).join("");
  return concat([fromUtf8(header), bytesOf(report)]);
}

const subjects: Readonly<Record<DsnAction, string>> = {
  failed: "Undelivered mail returned to sender",
  delayed: "Mail delivery is delayed",
  delivered: "Mail was delivered",
  relayed: "Mail was relayed",
  expanded: "Mail was delivered to a mailing list",
};

const sentences: Readonly<Record<DsnAction, string>> = {
  failed: "could not be delivered and will not be tried again",
  delayed: "could not be delivered yet; it will be tried again, you need not send it again",
  delivered: "was delivered",
  relayed: "was handed to a server that does not confirm deliveries",
  expanded: "was delivered to a list and sent on to its members",
};

function explain(dsn: Dsn): string {
  const lines = [`This is the mail server at ${dsn.reportingHost}.`, ""];
  for (const recipient of dsn.recipients) {
    lines.push(`Your message to <${recipient.address}>`);
    lines.push(`${sentences[recipient.action]}.`);
    if (recipient.diagnostic !== undefined) {
      const host = recipient.remoteHost ?? "The server";
      lines.push(`${host} said:`, ...linesOf(recipient.diagnostic).map((line) => `    ${line}`));
    }
    lines.push("");
  }
  return lines.join("\n");
}

function linesOf(text: string): string[] {
  return text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
}

function statusEntity(dsn: Dsn, isGlobal: boolean): Entity {
  const { reportingHost, envelopeId, arrivedMs, recipients } = dsn;
  const message = [
    ...(envelopeId === undefined ? [] : [statusField("Original-Envelope-Id", envelopeId)]),
    statusField("Reporting-MTA", `dns; ${reportingHost}`),
    statusField("Arrival-Date", formatDate(arrivedMs)),
  ];
  const groups = [message, ...recipients.map(recipientFields)].map((each) => each.join(""));
  const type = isGlobal ? "global-delivery-status" : "delivery-status";
  return {
    header: `Content-Type: message/${type}\r\n${isGlobal ? encodingField("8bit") : ""}`,
    body: fromUtf8(groups.join("\r\n")),
  };
}

function recipientFields(recipient: DsnRecipient): string[] {
  const { address, originalRecipient, action, status, remoteHost, diagnostic } = recipient;
  const { lastAttemptMs, retryUntilMs } = recipient;
  const addressType = isAsciiText(address) ? "rfc822" : "utf-8"; // RFC 6533 §3
  return [
    ...(originalRecipient === undefined
      ? []
      : [statusField("Original-Recipient", originalRecipient.replace(";", "; "))]),
    statusField("Final-Recipient", `${addressType}; ${address}`),
    statusField("Action", action),
    statusField("Status", status),
    ...(remoteHost === undefined ? [] : [statusField("Remote-MTA", `dns; ${remoteHost}`)]),
    ...(diagnostic === undefined ? [] : [statusField("Diagnostic-Code", `smtp; ${diagnostic}`)]),
    ...(lastAttemptMs === undefined
      ? []
      : [statusField("Last-Attempt-Date", formatDate(lastAttemptMs))]),
    ...(retryUntilMs === undefined || action !== "delayed"
      ? []
      : [statusField("Will-Retry-Until", formatDate(retryUntilMs))]),
  ];
}

/** A field of message/delivery-status: no encoded-words there (RFC 3464 §2.1.1), only folding. */
function statusField(name: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  const text = value.replace(/[\x00-\x1f\x7f]+/g, " ").trim();
  const words = text.split(" ").map((word) => word.slice(0, WORD_LENGTH_MAX));
  return `${foldLine(`${name}: ${words.join(" ")}`)}\r\n`;
}

const WORD_LENGTH_MAX = 800;

/** The message or its header; 8-bit bytes in it are declared, never changed (RFC 6522 §4). */
function originalEntity(dsn: Dsn, isGlobal: boolean): Entity {
  const isFull = dsn.returns === "full";
  const header = readHeader(dsn.original);
  const body = isFull ? dsn.original : dsn.original.subarray(0, header.bodyStart);
  const isEightBit = !isAscii(body);
  const global = isGlobal || !isAscii(dsn.original.subarray(0, header.bodyStart));
  const plainType = isFull ? "message/rfc822" : "text/rfc822-headers";
  const globalType = isFull ? "message/global" : "message/global-headers";
  const encoding = isEightBit ? encodingField("8bit") : "";
  return { header: `Content-Type: ${global ? globalType : plainType}\r\n${encoding}`, body };
}

function splitAddress(address: string): MailboxAddress {
  const at = address.lastIndexOf("@");
  const local = at < 0 ? address : address.slice(0, at);
  return { kind: "mailbox", name: "", local, domain: at < 0 ? "" : address.slice(at + 1) };
}

function isInternational({ address, originalRecipient, diagnostic }: DsnRecipient): boolean {
  return [address, originalRecipient, diagnostic].some((text) => !isAsciiText(text ?? ""));
}

function isAsciiText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the test is for ASCII
  return /^[\x00-\x7f]*$/.test(text);
}
