import { concat } from "../base/bytes.ts";
import { randomName, type Random } from "../base/random.ts";
import { buildDsn, type DsnRecipient } from "../message/dsn.ts";
import type { BlobStore } from "../store/blobs.ts";
import type { QueueEntry } from "../store/queue.ts";
import { formatAnswer, type Report } from "./judge-attempt.ts";
import type { Notice } from "./notice.ts";

export interface NoticeOptions {
  readonly entry: QueueEntry;
  /** All of one action, at least one. */
  readonly reports: readonly Report[];
  readonly hostName: string;
  readonly nowMs: number;
  readonly random: Random;
  readonly blobs: BlobStore;
  readonly returnBytesMax: number;
}

/** Most bytes of a message in which its header is looked for. */
const headerBytesMax = 128 * 1024;

/**
 * Writes the notice to the sender: text for the person, RFC 3464 fields for programs, and the
 * message or its header. RET counts for failures only (RFC 3461 §4.3).
 */
export async function writeNotice(options: NoticeOptions): Promise<Notice> {
  const { entry, reports, hostName, nowMs, random } = options;
  const { message } = entry;
  const isFull =
    reports[0]?.action === "failed" &&
    message.returnContent === "full" &&
    // RFC 8689 §5: what may go over TLS only is not returned whole.
    message.isTlsRequired !== true &&
    message.prefix.length + entry.bodyBytes <= options.returnBytesMax;
  const bytes = buildDsn(
    {
      reportingHost: hostName,
      from: {
        kind: "mailbox",
        name: "Mail Delivery System",
        local: "MAILER-DAEMON",
        domain: hostName,
      },
      to: message.sender,
      arrivedMs: entry.queuedAtMs,
      recipients: reports.map((report) => dsnRecipient(report, entry, nowMs)),
      original: await readOriginal(options, isFull ? options.returnBytesMax : headerBytesMax),
      returns: isFull ? "full" : "headers",
      explanation: explain(options, isFull),
      ...(message.envelopeId !== undefined && { envelopeId: message.envelopeId }),
    },
    {
      nowMs,
      messageId: `${randomName(random, 20)}@${hostName}`,
      boundarySeed: randomName(random, 24).replace(/[-_]/g, "0"),
    },
  );
  return {
    journey: message.journey,
    recipient: message.sender,
    parts: [bytes],
    ...(message.isTlsRequired === true && { isTlsRequired: true as const }),
    needsSmtpUtf8: !/^\p{ASCII}*$/u.test(message.sender),
  };
}

async function readOriginal(
  { entry, blobs }: NoticeOptions,
  bytesMax: number,
): Promise<Uint8Array> {
  const { prefix } = entry.message;
  const end = Math.min(entry.bodyBytes, Math.max(0, bytesMax - prefix.length));
  if (end === 0) return prefix;
  return concat([prefix, await blobs.read(entry.hash, 0, end)]);
}

function dsnRecipient(report: Report, entry: QueueEntry, nowMs: number): DsnRecipient {
  const { action, recipient, answer, status } = report;
  const said = [answer.code, answer.status, answer.text].join(" ").trim();
  return {
    address: recipient.address,
    action,
    status,
    lastAttemptMs: nowMs,
    retryUntilMs: entry.message.expiresAtMs,
    ...(recipient.originalRecipient !== undefined && {
      originalRecipient: decodeOriginal(recipient.originalRecipient),
    }),
    ...(answer.host !== "" && { remoteHost: answer.host.replace(/ \(.*$/, "") }),
    // RFC 3464 §2.3.6: words of another server; what we found ourselves stands in the text.
    ...(answer.code !== 0 && { diagnostic: said }),
  };
}

/** RFC 3461 §4.2: "rfc822;xtext" as it is shown, decoded; other types keep their own encoding. */
function decodeOriginal(text: string): string {
  if (!/^rfc822;/i.test(text)) return text;
  return text.replace(/\+([2-7][0-9A-F])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const openings: Readonly<Record<Report["action"], string>> = {
  failed: "Your message could not be delivered to:",
  delayed: "Your message could not be delivered yet to:",
  relayed: "Your message was handed on, to a server that does not confirm deliveries, for:",
};

function explain({ entry, reports, hostName, nowMs }: NoticeOptions, isFull: boolean): string {
  const lines = [`This is the mail server at ${hostName}.`, ""];
  const action = reports[0]?.action ?? "failed";
  lines.push(openings[action], "");
  for (const { recipient, answer } of reports) {
    lines.push(`  <${recipient.address}>`, `    ${formatAnswer(answer)}`, "");
  }
  if (action === "failed") {
    const hasExpired = nowMs >= entry.message.expiresAtMs;
    lines.push(
      hasExpired
        ? `It was tried for ${duration(nowMs - entry.queuedAtMs)} and will not be tried again.`
        : "It will not be tried again.",
      isFull ? "The message is attached." : "The header of the message is attached.",
    );
  } else if (action === "delayed") {
    const left = duration(entry.message.expiresAtMs - nowMs);
    lines.push(`It will be tried for another ${left}. You need not send it again.`);
  }
  return `${lines.join("\n")}\n`;
}

/** "5 days", "3 hours", "20 minutes". */
function duration(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  const [count, unit] =
    minutes >= 48 * 60
      ? [Math.round(minutes / 1440), "day"]
      : minutes >= 120
        ? [Math.round(minutes / 60), "hour"]
        : [minutes, "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
