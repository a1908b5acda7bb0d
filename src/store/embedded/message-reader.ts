import type { DatabaseSync, StatementSync } from "node:sqlite";
import { assert } from "../../base/assert.ts";
import { type AccountId, type MessageId, blobHash, journeyId, threadId } from "../../base/ids.ts";
import type { MessageFields } from "../mail.ts";
import { messageKey } from "./record-rows.ts";

type FieldName = keyof MessageFields;

/** Values of a row in the order of the columns asked for: an object for each would cost double. */
type Values = readonly unknown[];

interface FieldSource<Field extends FieldName> {
  readonly columns: readonly string[];
  /** Reads the field from its columns, the first of which is at `at`. */
  readonly read: (values: Values, at: number) => MessageFields[Field];
}

const sources: { readonly [Field in FieldName]: FieldSource<Field> } = {
  envelope: { columns: ["envelope"], read: textAt },
  bodyStructure: { columns: ["body_structure"], read: textAt },
  structure: { columns: ["structure"], read: textAt },
  preview: { columns: ["preview"], read: textAt },
  body: {
    columns: ["hash", "prefix", "body_bytes"],
    read: (values, at) => ({
      hash: blobHash(Buffer.from(bytesAt(values, at)).toString("hex")),
      prefix: bytesAt(values, at + 1),
      bodyBytes: numberAt(values, at + 2),
    }),
  },
  thread: { columns: ["thread"], read: (values, at) => threadId(numberAt(values, at)) },
  messageIdHeader: { columns: ["message_id_header"], read: textAt },
  references: {
    columns: ["reference_ids"],
    read: (values, at) => {
      const text = textAt(values, at);
      return text === "" ? [] : JSON.parse(text);
    },
  },
  sentAtMs: { columns: ["sent_at_ms"], read: numberAt },
  baseSubject: { columns: ["base_subject"], read: textAt },
  hasAttachment: { columns: ["has_attachment"], read: (values, at) => values[at] === 1 },
  journey: {
    columns: ["journey"],
    read: (values, at) => (values[at] === null ? undefined : journeyId(textAt(values, at))),
  },
  searchHeaders: { columns: ["search_headers"], read: textAt },
  search: {
    columns: ["search_headers", "search_body"],
    read: (values, at) => ({ headers: textAt(values, at), body: textAt(values, at + 1) }),
  },
};

/** Columns that lie in `message_detail`; all others are in `message` or `blob`. */
const detailColumns: ReadonlySet<string> = new Set([
  "prefix",
  "reference_ids",
  "preview",
  "body_structure",
  "structure",
  "search_headers",
  "search_body",
]);

/** Messages that lie between two asked ones and are read along rather than sought again. */
const gapMax = 8;

/** Reads chosen fields of messages; neighbours in one sweep over the table. */
export class MessageReader {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  read<Field extends FieldName>(
    account: AccountId,
    ids: readonly MessageId[],
    fields: readonly Field[],
  ): readonly (Pick<MessageFields, Field> | undefined)[] {
    const statement = this.#statement(fields);
    const pick = createPicker(fields);
    const found: (Pick<MessageFields, Field> | undefined)[] = [];
    let start = 0;
    while (start < ids.length) {
      let end = start + 1;
      while (end < ids.length && isNear(ids[end - 1], ids[end])) end++;
      const first = messageKey(account, ids[start] ?? 0);
      const last = messageKey(account, ids[end - 1] ?? 0);
      const rows: unknown = statement.all(first, last);
      assertRows(rows);
      let next = 0;
      for (let at = start; at < end; at++) {
        const key = messageKey(account, ids[at] ?? 0);
        while (next < rows.length && numberAt(rows[next] ?? [], 0) < key) next++;
        const row = rows[next];
        found.push(row?.[0] === key ? pick(row) : undefined);
      }
      start = end;
    }
    return found;
  }

  #statement(fields: readonly FieldName[]): StatementSync {
    const key = fields.join();
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    const own = fields.flatMap((field) => sources[field].columns);
    const isDetailed = own.some((column) => detailColumns.has(column));
    const joins = [
      isDetailed ? "CROSS JOIN message_detail USING (message_key)" : "",
      fields.includes("body") ? "CROSS JOIN blob ON blob.id = message.blob" : "",
    ];
    const statement = this.#database.prepare(
      `SELECT ${["message.message_key", ...own].join()} FROM message ${joins.join(" ")}
       WHERE message.message_key BETWEEN ? AND ? ORDER BY message.message_key`,
    );
    statement.setReturnArrays(true);
    this.#prepared.set(key, statement);
    return statement;
  }
}

function isNear(a: MessageId | undefined, b: MessageId | undefined): boolean {
  return a !== undefined && b !== undefined && b > a && b - a <= gapMax;
}

function createPicker<Field extends FieldName>(fields: readonly Field[]) {
  let next = 1;
  const places = fields.map((field) => {
    const at = next;
    next += sources[field].columns.length;
    return { field, at };
  });
  return (values: Values): Pick<MessageFields, Field> => {
    const picked: Partial<MessageFields> = {};
    for (const { field, at } of places) setField(picked, field, values, at);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every asked field was just set
    return picked as Pick<MessageFields, Field>; // every asked field was just set
  };
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- ties the field to its reader
function setField<Field extends FieldName>(
  picked: Partial<MessageFields>,
  field: Field,
  values: Values,
  at: number,
): void {
  const source: FieldSource<Field> = sources[field];
  picked[field] = source.read(values, at);
}

function textAt(values: Values, at: number): string {
  const value = values[at];
  assert(typeof value === "string", "a text column");
  return value;
}

function numberAt(values: Values, at: number): number {
  const value = values[at];
  assert(typeof value === "number", "a number column");
  return value;
}

function bytesAt(values: Values, at: number): Uint8Array {
  const value = values[at];
  assert(value instanceof Uint8Array, "a column of bytes");
  return value;
}

/** Checks one row: all rows of a statement are alike. */
function assertRows(rows: unknown): asserts rows is readonly Values[] {
  assert(Array.isArray(rows) && (rows.length === 0 || Array.isArray(rows[0])), "rows as arrays");
}
