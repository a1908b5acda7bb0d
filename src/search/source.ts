import type { MessageId } from "../base/ids.ts";
import type { Flags } from "../store/mail-changes.ts";
import type { MessageBody, MessageFields } from "../store/mail.ts";
import type { QueryRange } from "./query.ts";

/** The columns that a search reads, by row. */
export interface SearchColumns {
  readonly messageIds: Uint32Array;
  readonly systemFlags: Uint8Array;
  readonly keywordSet: Uint16Array;
  readonly modSeqs: Float64Array;
  readonly sizes: Float64Array;
  readonly internalDatesMs: Float64Array;
  readonly savedAtMs: Float64Array;
}

/** What is searched: a session's view of a mailbox is one. */
export interface SearchRows {
  readonly columns: SearchColumns;
  allRows(): Uint32Array;
  rowsBySeq(ranges: readonly QueryRange[]): Uint32Array;
  rowsByUid(ranges: readonly QueryRange[]): Uint32Array;
  flagsOfRow(row: number): Flags;
}

/** Where the rest of a message is read from: an account's mail is one. */
export interface SearchMessages {
  messages<Field extends keyof MessageFields>(
    ids: readonly MessageId[],
    fields: readonly Field[],
  ): Promise<readonly (Pick<MessageFields, Field> | undefined)[]>;
  readBody(body: MessageBody, start?: number, end?: number): Promise<Uint8Array>;
}
