import type { DatabaseSync, StatementSync } from "node:sqlite";
import { assert } from "../../base/assert.ts";
import { type AccountId, type MailboxId, messageId, modSeq, uid } from "../../base/ids.ts";
import type { UidRange } from "../mail-changes.ts";
import type { MailboxColumns, MailboxRow } from "../mail.ts";
import { emptyColumns } from "../rules/columns.ts";
import type { KeywordSets } from "../rules/keyword-sets.ts";
import type { AccountRecord, CopyRecord } from "../rules/tables.ts";

/** Message and flags share a column: fewer values to carry over, and they fit 53 bits. */
const columns = `uid, flags << 32 | message, mod_seq, size_bytes, internal_date_ms, saved_at_ms`;
const word = 4_294_967_296;

/** Reads copies in bulk, rows as arrays. */
export class CopyReader {
  readonly #range: StatementSync;
  readonly #mailbox: StatementSync;

  constructor(database: DatabaseSync) {
    const select = `SELECT ${columns} FROM copy WHERE account = ? AND mailbox = ?`;
    this.#range = database.prepare(`${select} AND uid BETWEEN ? AND ? ORDER BY uid`);
    this.#mailbox = database.prepare(`${select} ORDER BY uid`);
    this.#range.setReturnArrays(true);
    this.#mailbox.setReturnArrays(true);
  }

  read(
    account: AccountId,
    mailbox: MailboxId,
    uids: readonly UidRange[],
    sets: KeywordSets,
  ): readonly CopyRecord[] {
    const copies: CopyRecord[] = [];
    for (const [first, last] of uids) {
      const rows: unknown = this.#range.all(account, mailbox, first, last);
      assertRows(rows);
      for (const [number, packed, entry, sizeBytes, internalDateMs, savedAtMs] of rows) {
        const flags = Math.floor(packed / word);
        copies.push({
          uid: uid(number),
          message: messageId(packed % word),
          flags: { system: flags & 31, keywords: sets.get(flags >>> 5) },
          modSeq: modSeq(entry),
          sizeBytes,
          internalDateMs,
          savedAtMs,
        });
      }
    }
    return copies;
  }

  load(account: AccountRecord, mailbox: MailboxRow, sets: KeywordSets): MailboxColumns {
    const rows: unknown = this.#mailbox.all(account.id, mailbox.id);
    assertRows(rows);
    const count = rows.length;
    assert(count === mailbox.totalCount, "a mailbox counts its copies");
    const loaded = emptyColumns(count);
    for (let row = 0; row < count; row++) {
      const values = rows[row];
      if (values === undefined) break;
      const packed = values[1];
      const flags = Math.floor(packed / word);
      loaded.uids[row] = values[0];
      loaded.messageIds[row] = packed % word;
      loaded.systemFlags[row] = flags & 31;
      loaded.keywordSet[row] = flags >>> 5;
      loaded.modSeqs[row] = values[2];
      loaded.sizes[row] = values[3];
      loaded.internalDatesMs[row] = values[4];
      loaded.savedAtMs[row] = values[5];
    }
    return { mailbox, asOf: account.modSeq, count, ...loaded, keywordSets: [...sets.all] };
  }
}

type CopyColumns = readonly [
  uid: number,
  flagsAndMessage: number,
  modSeq: number,
  sizeBytes: number,
  internalDateMs: number,
  savedAtMs: number,
];

/** Checks one row: all rows of a statement have the same columns. */
function assertRows(rows: unknown): asserts rows is readonly CopyColumns[] {
  assert(Array.isArray(rows), "rows come as an array");
  const first: unknown = rows[0];
  assert(first === undefined || (Array.isArray(first) && first.length === 6), "six columns");
}
