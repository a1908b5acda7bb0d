import type { ModSeq } from "../../base/ids.ts";
import type { MailboxColumns, MailboxRow } from "../mail.ts";
import { KeywordSets } from "./keyword-sets.ts";
import type { CopyRecord } from "./tables.ts";

/** The columns of a mailbox from its copies, which are in UID order. */
export function columnsOf(
  mailbox: MailboxRow,
  asOf: ModSeq,
  copies: readonly CopyRecord[],
): MailboxColumns {
  const count = copies.length;
  const columns = emptyColumns(count);
  const sets = new KeywordSets();
  for (const [row, copy] of copies.entries()) {
    columns.uids[row] = copy.uid;
    columns.messageIds[row] = copy.message;
    columns.systemFlags[row] = copy.flags.system;
    columns.keywordSet[row] = sets.find(copy.flags.keywords) ?? sets.add(copy.flags.keywords);
    columns.modSeqs[row] = copy.modSeq;
    columns.sizes[row] = copy.sizeBytes;
    columns.internalDatesMs[row] = copy.internalDateMs;
    columns.savedAtMs[row] = copy.savedAtMs;
  }
  return { mailbox, asOf, count, ...columns, keywordSets: sets.all };
}

export function emptyColumns(count: number) {
  return {
    uids: new Uint32Array(count),
    messageIds: new Uint32Array(count),
    systemFlags: new Uint8Array(count),
    keywordSet: new Uint16Array(count),
    modSeqs: new Float64Array(count),
    sizes: new Float64Array(count),
    internalDatesMs: new Float64Array(count),
    savedAtMs: new Float64Array(count),
  };
}
