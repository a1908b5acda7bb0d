import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type AccountId, type MessageId, blobHash, journeyId, threadId } from "../../base/ids.ts";
import type { MessageFields } from "../mail.ts";
import { messageKey } from "./record-rows.ts";
import { type Row, bytesOf, numberOf, optionalText, textOf } from "./rows.ts";

type FieldName = keyof MessageFields;

interface FieldSource<Field extends FieldName> {
  /** Table that has it, beside `message`, and the columns of it. */
  readonly table: "message" | "blob";
  readonly columns: readonly string[];
  readonly read: (row: Row) => MessageFields[Field];
}

const sources: { readonly [Field in FieldName]: FieldSource<Field> } = {
  envelope: textField("envelope"),
  bodyStructure: textField("body_structure"),
  structure: textField("structure"),
  preview: textField("preview"),
  body: {
    table: "blob",
    columns: ["hash", "prefix", "body_bytes"],
    read: (row) => ({
      hash: blobHash(Buffer.from(bytesOf(row, "hash")).toString("hex")),
      prefix: bytesOf(row, "prefix"),
      bodyBytes: numberOf(row, "body_bytes"),
    }),
  },
  thread: {
    table: "message",
    columns: ["thread"],
    read: (row) => threadId(numberOf(row, "thread")),
  },
  messageIdHeader: textField("message_id_header"),
  references: {
    table: "message",
    columns: ["reference_ids"],
    read: (row) => {
      const text = textOf(row, "reference_ids");
      return text === "" ? [] : JSON.parse(text);
    },
  },
  sentAtMs: {
    table: "message",
    columns: ["sent_at_ms"],
    read: (row) => numberOf(row, "sent_at_ms"),
  },
  baseSubject: textField("base_subject"),
  hasAttachment: {
    table: "message",
    columns: ["has_attachment"],
    read: (row) => numberOf(row, "has_attachment") === 1,
  },
  journey: {
    table: "message",
    columns: ["journey"],
    read: (row) => {
      const id = optionalText(row, "journey");
      return id === undefined ? undefined : journeyId(id);
    },
  },
  search: {
    table: "message",
    columns: ["search_headers", "search_body"],
    read: (row) => ({
      headers: textOf(row, "search_headers"),
      body: textOf(row, "search_body"),
    }),
  },
  searchHeaders: textField("search_headers"),
};

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
    const found: (Pick<MessageFields, Field> | undefined)[] = [];
    let start = 0;
    while (start < ids.length) {
      let end = start + 1;
      while (end < ids.length && isNear(ids[end - 1], ids[end])) end++;
      const first = messageKey(account, ids[start] ?? 0);
      const last = messageKey(account, ids[end - 1] ?? 0);
      const rows = statement.iterate(first, last);
      let next = rows.next();
      for (let at = start; at < end; at++) {
        const key = messageKey(account, ids[at] ?? 0);
        while (next.done !== true && numberOf(next.value, "message_key") < key) next = rows.next();
        const row = next.done === true ? undefined : next.value;
        const isFound = row !== undefined && row["message_key"] === key;
        found.push(isFound ? pickFrom(row, fields) : undefined);
      }
      rows.return?.();
      start = end;
    }
    return found;
  }

  #statement(fields: readonly FieldName[]): StatementSync {
    const key = fields.join();
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    const columns = new Set(["message.message_key"]);
    const tables = new Set<string>();
    for (const field of fields) {
      const { table, columns: own } = sources[field];
      tables.add(table);
      for (const column of own) columns.add(column);
    }
    const joins = [];
    for (const table of tables) {
      if (table === "blob") joins.push("CROSS JOIN blob ON blob.id = message.blob");
    }
    const statement = this.#database.prepare(
      `SELECT ${[...columns].join()} FROM message ${joins.join(" ")}
       WHERE message.message_key BETWEEN ? AND ? ORDER BY message.message_key`,
    );
    this.#prepared.set(key, statement);
    return statement;
  }
}

function isNear(a: MessageId | undefined, b: MessageId | undefined): boolean {
  return a !== undefined && b !== undefined && b > a && b - a <= gapMax;
}

function textField(column: string) {
  return { table: "message", columns: [column], read: (row: Row) => textOf(row, column) } as const;
}

function pickFrom<Field extends FieldName>(
  row: Row,
  fields: readonly Field[],
): Pick<MessageFields, Field> {
  const picked: Partial<MessageFields> = {};
  for (const field of fields) setField(picked, field, row);
  return picked as Pick<MessageFields, Field>; // every asked field was just set
}

function setField<Field extends FieldName>(
  picked: Partial<MessageFields>,
  field: Field,
  row: Row,
): void {
  const source: FieldSource<Field> = sources[field];
  picked[field] = source.read(row);
}
