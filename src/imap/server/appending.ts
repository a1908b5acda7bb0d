import { Refusal } from "../../base/faults.ts";
import { messageId, uid as asUid } from "../../base/ids.ts";
import type { AccountMail, AppendItem } from "../../mailbox/account-mail.ts";
import type { View } from "../../mailbox/view.ts";
import type { AppendedItem, CatenatePart } from "../grammar/append-arguments.ts";
import { parseMessageUrl, type MessageUrl } from "../grammar/message-url.ts";
import { quote } from "../grammar/strings.ts";
import { findSection } from "./fetch/find-section.ts";
import { parseStructure } from "./fetch/format-row.ts";
import { CodedRefusal } from "./replies.ts";
import { loggedIn } from "./command.ts";
import type { Session } from "./session.ts";

/** The bytes of messages as APPEND and REPLACE give them, with what CATENATE names read. */
export async function toAppendItems(
  session: Session,
  items: readonly AppendedItem[],
): Promise<AppendItem[]> {
  const read: AppendItem[] = [];
  for (const { flags, internalDateMs, pieces } of items) {
    const parts = await readPieces(session, pieces);
    read.push({ parts, flags, ...(internalDateMs === undefined ? {} : { internalDateMs }) });
  }
  return read;
}

async function readPieces(
  session: Session,
  pieces: readonly CatenatePart[],
): Promise<readonly Uint8Array[]> {
  const { appendBytesMax } = session.services.limits;
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const piece of pieces) {
    const bytes = piece.kind === "text" ? piece.literal.parts : [await readUrl(session, piece.url)];
    for (const part of bytes) {
      sizeBytes += part.length;
      parts.push(part);
    }
    if (sizeBytes > appendBytesMax) {
      const text = `Messages may have up to ${appendBytesMax} bytes.`;
      throw new Refusal("messageTooLarge", text);
    }
  }
  return parts;
}

/** RFC 4469 §3: the octets that the URL stands for; \Seen is not set. */
async function readUrl(session: Session, url: string): Promise<Uint8Array> {
  const parsed = parseMessageUrl(url);
  const bytes = parsed === undefined ? undefined : await readPart(session, parsed);
  if (bytes === undefined) throw badUrl(url);
  return bytes;
}

/** RFC 4469 §4.1; the code has room for less than a URL may have. */
function badUrl(url: string): Refusal {
  // oxlint-disable-next-line no-control-regex -- what a response code cannot carry
  const shown = quote(url.slice(0, 500).replace(/[\x00-\x1f\x7f-\uffff\]]/g, "?"));
  return new CodedRefusal("noSuchMessage", `BADURL ${shown}`, "This URL has nothing to give.");
}

async function readPart(session: Session, url: MessageUrl): Promise<Uint8Array | undefined> {
  const state = loggedIn(session);
  if (url.mailbox === undefined) {
    return state.phase === "selected" ? readFrom(session, state.view, url) : undefined;
  }
  const view = await findView(state.mail, url.mailbox);
  if (view === undefined) return undefined;
  try {
    return await readFrom(session, view, url);
  } finally {
    view.close();
  }
}

async function findView(mail: AccountMail, name: string): Promise<View | undefined> {
  try {
    const { id } = await mail.getMailbox(name);
    return await mail.openView(id);
  } catch (error) {
    if (error instanceof Refusal && error.reason === "noSuchMailbox") return undefined;
    throw error;
  }
}

async function readFrom(
  session: Session,
  view: View,
  { uid, uidValidity, section, partial }: MessageUrl,
): Promise<Uint8Array | undefined> {
  if (uidValidity !== undefined && uidValidity !== view.mailbox.uidValidity) return undefined;
  const row = view.rowOfUid(asUid(uid));
  if (row === undefined) return undefined;
  const { mail } = loggedIn(session);
  const ids = [messageId(view.columns.messageIds[row] ?? 0)];
  const [fields] = await mail.messages(ids, ["body", "structure"]);
  // Header fields by name are FETCH's: a URL of RFC 5092 can hardly spell them.
  if (fields === undefined || section.text.kind === "fields") return undefined;
  const sizeBytes = fields.body.prefix.length + fields.body.bodyBytes;
  const range = findSection(parseStructure(fields.structure), section, sizeBytes);
  if (range === undefined) return undefined;
  const start = Math.min(range.end, range.start + (partial?.start ?? 0));
  const end = Math.min(range.end, start + (partial?.count ?? Infinity));
  holdBytes(session, end - start);
  return mail.readBody(fields.body, start, end);
}

/** What is read counts like the literals of the command, and is given back with them. */
function holdBytes(session: Session, bytes: number): void {
  const { limits, budget } = session.services;
  if (bytes > limits.appendBytesMax) {
    throw new Refusal("messageTooLarge", "The part is too large to be put into a message.");
  }
  if (!budget.tryTake(bytes)) {
    throw new Refusal("unavailable", "The server takes too much mail at the moment; try again.");
  }
  session.heldBytes += bytes;
}
