import { ConnectionLost, Refusal } from "../../../base/faults.ts";
import type { AccountMail } from "../../../mailbox/account-mail.ts";
import { filterHeader, readHeader } from "../../../message/headers.ts";
import { decodeTransfer } from "../../../message/transfer-encoding.ts";
import type { MessageStructure } from "../../../message/structure.ts";
import type { MessageBody } from "../../../store/mail.ts";
import type { Partial } from "../../grammar/fetch-attributes.ts";
import { CodedRefusal, say } from "../replies.ts";
import type { Session } from "../session.ts";
import type { BodyItem } from "./fetch-plan.ts";
import { findSection } from "./find-section.ts";

/** Ranges up to this are read at once and ahead of their turn; longer ones are streamed. */
export const readAtOnceBytes = 64 * 1024;

/** The value of one body item, ready to be sent. */
export type BodyValue =
  | { readonly kind: "missing" }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly isBinary: boolean }
  | { readonly kind: "stream"; readonly start: number; readonly end: number };

/** One message whose bodies are asked for. */
export interface BodySource {
  readonly mail: AccountMail;
  readonly body: MessageBody;
  readonly sizeBytes: number;
  /** Absent when no item needs to know the parts. */
  readonly structure: MessageStructure | undefined;
  /** Largest part that is decoded, bytes. */
  readonly binaryBytesMax: number;
}

/**
 * Finds and reads what one item asks for; long ranges are only found.
 * @throws Refusal `unavailable`, `limit`; `rejectedContent` (UNKNOWN-CTE, RFC 3516 §4.3).
 */
export async function readBodyItem(source: BodySource, item: BodyItem): Promise<BodyValue> {
  if (item.kind === "binarySize") {
    const bytes = await readDecoded(source, item.part);
    // The grammar has no NIL here (RFC 3516 §7): a part that is not there has no bytes.
    return { kind: "number", value: bytes?.length ?? 0 };
  }
  const { section, partial } = item;
  if (item.isBinary && section.part.length > 0) {
    const bytes = await readDecoded(source, section.part);
    if (bytes === undefined) return { kind: "missing" };
    return { kind: "bytes", bytes: cutBytes(bytes, partial), isBinary: true };
  }
  const range =
    source.structure === undefined
      ? { start: 0, end: source.sizeBytes }
      : findSection(source.structure, section, source.sizeBytes);
  if (range === undefined) return { kind: "missing" };
  if (section.text.kind === "fields") {
    const { keep, names } = section.text;
    const bytes = await source.mail.readBody(source.body, range.start, range.end);
    const filtered = filterHeader(bytes, readHeader(bytes), names, keep);
    return { kind: "bytes", bytes: cutBytes(filtered, partial), isBinary: false };
  }
  const { start, end } = cutRange(range.start, range.end, partial);
  if (end - start > readAtOnceBytes) return { kind: "stream", start, end };
  const bytes =
    start === end ? new Uint8Array(0) : await source.mail.readBody(source.body, start, end);
  return { kind: "bytes", bytes, isBinary: item.isBinary };
}

/** A part without its transfer encoding; undefined when there is no such part (RFC 3516 §4.2). */
async function readDecoded(
  source: BodySource,
  path: readonly number[],
): Promise<Uint8Array | undefined> {
  const { structure, mail, body, sizeBytes } = source;
  if (structure === undefined) return mail.readBody(body);
  const found = findSection(structure, { part: path, text: { kind: "all" } }, sizeBytes);
  if (found === undefined) return undefined;
  const { start, end, encoding, isLeaf } = found;
  if (end - start > source.binaryBytesMax) {
    throw new Refusal("limit", "The part is too large to be decoded.");
  }
  if (isLeaf && !knownEncodings.has(encoding)) {
    throw new CodedRefusal("rejectedContent", "UNKNOWN-CTE", "Unknown transfer encoding.");
  }
  const bytes = await mail.readBody(body, start, end);
  return isLeaf ? decodeTransfer(bytes, encoding) : bytes;
}

const knownEncodings: ReadonlySet<string> = new Set([
  "7bit",
  "8bit",
  "binary",
  "base64",
  "quoted-printable",
  "x-uuencode",
  "x-uue",
  "uuencode",
  "uue",
]);

function cutBytes(bytes: Uint8Array, partial: Partial | undefined): Uint8Array {
  return partial === undefined
    ? bytes
    : bytes.subarray(partial.start, Math.min(bytes.length, partial.start + partial.count));
}

function cutRange(start: number, end: number, partial: Partial | undefined) {
  if (partial === undefined) return { start, end };
  const from = Math.min(end, start + partial.start);
  return { start: from, end: Math.min(end, from + partial.count) };
}

/** Sends "LABEL value" of an item whose value has been read. */
export async function sendBodyItem(
  session: Session,
  source: BodySource,
  label: string,
  value: BodyValue,
): Promise<void> {
  const { wire } = session;
  switch (value.kind) {
    case "missing":
      await wire.write(`${label} NIL`);
      return;
    case "number":
      await wire.write(`${label} ${value.value}`);
      return;
    case "bytes": {
      const tilde = value.isBinary && value.bytes.includes(0) ? "~" : "";
      say(session, `${label} ${tilde}{${value.bytes.length}}\r\n`);
      await wire.write(value.bytes);
      return;
    }
    case "stream":
      say(session, `${label} {${value.end - value.start}}\r\n`);
      await sendStream(session, source, value.start, value.end);
  }
}

/** After the literal's size is out, a fault can only end the connection. */
async function sendStream(
  session: Session,
  { mail, body }: BodySource,
  start: number,
  end: number,
): Promise<void> {
  let sent = 0;
  try {
    for await (const piece of mail.streamBody(body, start, end)) {
      sent += piece.length;
      await session.wire.write(piece);
    }
  } catch (error) {
    if (error instanceof ConnectionLost) throw error;
    throw new ConnectionLost("a body could not be read to its end", { cause: error });
  }
  if (sent !== end - start) throw new ConnectionLost("a body is shorter than its literal");
}
