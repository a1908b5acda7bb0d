import { assert } from "../../base/assert.ts";
import {
  type AccountId,
  type MailboxId,
  type MessageId,
  messageId,
  modSeq,
  uid,
} from "../../base/ids.ts";
import type { MailboxColumns, MessageFields } from "../mail.ts";
import type { AccountRecord } from "../rules/tables.ts";
import type { DumpCopy, DumpMessage, DumpRecord } from "./dump.ts";
import type { CopyCount, HiddenRows, Place, ReadableStore } from "./hidden-rows.ts";

/** Some records of a section; without `after` they were its last. */
export interface Page {
  readonly records: readonly DumpRecord[];
  readonly after?: Place | undefined;
  /** About how much memory they take, when that is not little. */
  readonly bytes?: number;
}

export interface Section {
  readonly name: string;
  readonly read: (after: Place | undefined) => Promise<Page>;
}

/** Numbers asked for at once: with their search text, messages may have 100 KiB each. */
const pageMessagesMax = 100;

const messageFields = [
  "envelope",
  "bodyStructure",
  "structure",
  "preview",
  "body",
  "thread",
  "messageIdHeader",
  "references",
  "sentAtMs",
  "baseSubject",
  "hasAttachment",
  "journey",
  "search",
] as const;

/** Reads the messages of an account by asking for all numbers that it has given. */
export function readMessages(
  store: ReadableStore,
  hidden: HiddenRows,
  account: AccountRecord,
  rows: number,
) {
  const span = Math.min(rows, pageMessagesMax);
  return async (after: Place | undefined): Promise<Page> => {
    const first = Number(after ?? 0) + 1;
    const last = Math.min(first + span, account.nextMessage) - 1;
    if (last < first) return { records: [] };
    const ids = Array.from({ length: last - first + 1 }, (_, index) => messageId(first + index));
    const counts = await hidden.copyCounts(account.id, messageId(first), messageId(last));
    const found = await store.mail.messages(account.id, ids, messageFields);
    const records: DumpMessage[] = [];
    let bytes = 0;
    for (const [index, id] of ids.entries()) {
      const fields = found[index];
      if (fields === undefined) continue;
      bytes += fields.search.body.length + fields.structure.length + fields.body.prefix.length;
      records.push(recordOf(account.id, id, fields, counts.get(id)));
    }
    return { records, after: last, bytes };
  };
}

function recordOf(
  account: AccountId,
  id: MessageId,
  fields: Pick<MessageFields, (typeof messageFields)[number]>,
  count: CopyCount = { copyCount: 1, goneAtMs: 0 },
): DumpMessage {
  const { body, thread, search, journey, ...facts } = fields;
  return {
    kind: "message",
    account,
    id,
    thread,
    hash: body.hash,
    bodyBytes: body.bodyBytes,
    prefix: body.prefix,
    facts: { ...facts, searchHeaders: search.headers, searchBody: search.body },
    ...(journey === undefined ? {} : { journey }),
    ...count,
  };
}

/** Reads the copies of a mailbox, which are loaded once. */
export function readCopies(
  store: ReadableStore,
  account: AccountId,
  mailbox: MailboxId,
  rows: number,
) {
  let loading: Promise<MailboxColumns> | undefined;
  return async (after: Place | undefined): Promise<Page> => {
    const columns = await (loading ??= store.mail.loadMailbox(account, mailbox));
    const first = after === undefined ? 0 : placeAfter(columns.uids, Number(after));
    const end = Math.min(first + rows, columns.count);
    const records: DumpCopy[] = [];
    for (let row = first; row < end; row++) {
      records.push(copyOf(account, mailbox, columns, row));
    }
    return { records, after: end === columns.count ? undefined : records.at(-1)?.uid };
  };
}

function copyOf(
  account: AccountId,
  mailbox: MailboxId,
  columns: MailboxColumns,
  row: number,
): DumpCopy {
  const keywords = columns.keywordSets[at(columns.keywordSet, row)];
  assert(keywords !== undefined, "a copy's set of keywords is known");
  return {
    kind: "copy",
    account,
    mailbox,
    uid: uid(at(columns.uids, row)),
    message: messageId(at(columns.messageIds, row)),
    flags: { system: at(columns.systemFlags, row), keywords },
    modSeq: modSeq(at(columns.modSeqs, row)),
    sizeBytes: at(columns.sizes, row),
    internalDateMs: at(columns.internalDatesMs, row),
    savedAtMs: at(columns.savedAtMs, row),
  };
}

function at(column: { readonly [row: number]: number }, row: number): number {
  const value = column[row];
  assert(value !== undefined, "a column has a value for each row");
  return value;
}

/** The first row whose UID is above `wanted`. */
function placeAfter(uids: Uint32Array, wanted: number): number {
  let low = 0;
  let high = uids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(uids, middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
