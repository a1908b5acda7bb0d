import { ConnectionLost } from "../../../base/faults.ts";
import type { AccountMail } from "../../../mailbox/account-mail.ts";
import { filterHeader, readHeader } from "../../../message/headers.ts";
import { decodeTransfer } from "../../../message/transfer-encoding.ts";
import type { MessageStructure } from "../../../message/structure.ts";
import type { MessageBody } from "../../../store/mail.ts";
import type { Partial } from "../../grammar/fetch-attributes.ts";
import type { Section } from "../../grammar/sections.ts";
import { CodedRefusal, say } from "../replies.ts";
import type { Session } from "../session.ts";
import type { BodyItem } from "./fetch-plan.ts";
import { findSection, wholeMessage, type SectionRange } from "./find-section.ts";

/** Ranges up to this are read at once and ahead of their turn; longer ones are streamed. */
export const readAtOnceBytes = 64 * 1024;

/** The value of one body item, ready to be sent. */
export type BodyValue =
  | { readonly kind: "missing" }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly isBinary: boolean }
  | {
      readonly kind: "stream";
      readonly start: number;
      readonly end: number;
      readonly isBinary: boolean;
    };

/** One message whose bodies are asked for. */
export interface BodySource {
  readonly mail: AccountMail;
  readonly body: MessageBody;
  readonly sizeBytes: number;
  /** Absent when no item needs to know the parts. */
  readonly structure: MessageStructure | undefined;
  /**
   * Called before bytes are read that are held until the message is sent.
   * @throws Refusal when they are more than one message, or all sessions together, may hold.
   */
  hold(bytes: number): void;
}

/**
 * Finds and reads what one item asks for; long ranges are only found.
 * @throws Refusal `unavailable`, `limit`; `rejectedContent` (UNKNOWN-CTE, RFC 3516 §4.3).
 */
export async function readBodyItem(source: BodySource, item: BodyItem): Promise<BodyValue> {
  if (item.kind === "binarySize") {
    return { kind: "number", value: await binarySize(source, item.part) };
  }
  const { section, partial, isBinary } = item;
  const range = rangeOf(source, section);
  if (range === undefined) return { kind: "missing" };
  if (isBinary && isEncoded(range)) {
    const bytes = await readDecodedRange(source, range);
    return { kind: "bytes", bytes: cutBytes(bytes, partial), isBinary };
  }
  if (section.text.kind === "fields") {
    const { keep, names } = section.text;
    source.hold(range.end - range.start);
    const bytes = await source.mail.readBody(source.body, range.start, range.end);
    const filtered = filterHeader(bytes, readHeader(bytes), names, keep);
    return { kind: "bytes", bytes: cutBytes(filtered, partial), isBinary };
  }
  const { start, end } = cutRange(range.start, range.end, partial);
  if (end - start > readAtOnceBytes) return { kind: "stream", start, end, isBinary };
  source.hold(end - start);
  const bytes =
    start === end ? new Uint8Array(0) : await source.mail.readBody(source.body, start, end);
  return { kind: "bytes", bytes, isBinary };
}

function rangeOf(source: BodySource, section: Section): SectionRange | undefined {
  const { structure, sizeBytes } = source;
  return structure === undefined
    ? wholeMessage(sizeBytes)
    : findSection(structure, section, sizeBytes);
}

/**
 * Whether BINARY has something to take away (RFC 3516 §4.2).
 * @throws CodedRefusal for an encoding that is not known (§4.3).
 */
function isEncoded({ isLeaf, encoding }: SectionRange): boolean {
  if (!isLeaf || identities.has(encoding)) return false;
  if (decodable.has(encoding)) return true;
  throw new CodedRefusal("rejectedContent", "UNKNOWN-CTE", "Unknown transfer encoding.");
}

async function readDecodedRange(source: BodySource, range: SectionRange): Promise<Uint8Array> {
  source.hold(range.end - range.start);
  const bytes = await source.mail.readBody(source.body, range.start, range.end);
  return decodeTransfer(bytes, range.encoding);
}

/** RFC 3516 §4.2 BINARY.SIZE; the grammar has no NIL: a part that is not there has no bytes. */
async function binarySize(source: BodySource, part: readonly number[]): Promise<number> {
  const range = rangeOf(source, { part, text: { kind: "all" } });
  if (range === undefined) return 0;
  return isEncoded(range)
    ? (await readDecodedRange(source, range)).length
    : range.end - range.start;
}

const identities: ReadonlySet<string> = new Set(["7bit", "8bit", "binary"]);
const decodable: ReadonlySet<string> = new Set([
  "base64",
  "quoted-printable",
  "x-uuencode",
  "x-uue",
  "uuencode",
  "uue",
]);

/** A piece is copied, so that what it was cut from can go. */
function cutBytes(bytes: Uint8Array, partial: Partial | undefined): Uint8Array {
  return partial === undefined
    ? bytes
    : bytes.slice(partial.start, Math.min(bytes.length, partial.start + partial.count));
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
      say(session, `${label} ${value.isBinary ? "~" : ""}{${value.end - value.start}}\r\n`);
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
