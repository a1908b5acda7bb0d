import { type AccountId, type MessageId, journeyId, threadId } from "../../base/ids.ts";
import type { MessageFields } from "../mail.ts";
import { int8s } from "./array-parameter.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { hashFrom } from "./record-rows.ts";
import { type Row, booleanOf, bytesOf, numberOf, optionalText, textOf } from "./rows.ts";
import { type Statement, statement } from "./statement.ts";

type FieldName = keyof MessageFields;

interface FieldSource<Field extends FieldName> {
  readonly columns: readonly string[];
  readonly read: (row: Row) => MessageFields[Field];
}

const sources: { readonly [Field in FieldName]: FieldSource<Field> } = {
  envelope: textField("envelope"),
  bodyStructure: textField("body_structure"),
  structure: textField("structure"),
  preview: textField("preview"),
  body: {
    columns: ["blob", "prefix", "body_bytes"],
    read: (row) => ({
      hash: hashFrom(bytesOf(row, "blob")),
      prefix: bytesOf(row, "prefix"),
      bodyBytes: numberOf(row, "body_bytes"),
    }),
  },
  thread: { columns: ["thread"], read: (row) => threadId(numberOf(row, "thread")) },
  messageIdHeader: textField("message_id_header"),
  references: {
    columns: ["reference_ids"],
    read: (row) => {
      const text = textOf(row, "reference_ids");
      return text === "" ? [] : JSON.parse(text);
    },
  },
  sentAtMs: { columns: ["sent_at_ms"], read: (row) => numberOf(row, "sent_at_ms") },
  baseSubject: textField("base_subject"),
  hasAttachment: {
    columns: ["has_attachment"],
    read: (row) => booleanOf(row, "has_attachment"),
  },
  journey: {
    columns: ["journey"],
    read: (row) => {
      const id = optionalText(row, "journey");
      return id === undefined ? undefined : journeyId(id);
    },
  },
  search: {
    columns: ["search_headers", "search_body"],
    read: (row) => ({
      headers: textOf(row, "search_headers"),
      body: textOf(row, "search_body"),
    }),
  },
  searchHeaders: textField("search_headers"),
};

/** Fields that are one text column as it is. */
const textFields = [
  "envelope",
  "bodyStructure",
  "structure",
  "preview",
  "searchHeaders",
  "baseSubject",
] as const satisfies readonly FieldName[];
type TextField = (typeof textFields)[number];

/** Stands between texts that come joined: U+001E, which hardly any text has. */
const separator = "\u001e";

/** Messages of one question to the database, at most. */
const partIds = 500;

/** Reads chosen fields of messages; neighbours in one sweep over the table. */
export class MessageReader {
  readonly #pool: ReaderPool;
  readonly #statements = new Map<string, Statement>();

  constructor(pool: ReaderPool) {
    this.#pool = pool;
  }

  /** In the order of `ids`; many are read in parts, which the database reads side by side. */
  async read<Field extends FieldName>(
    account: AccountId,
    ids: readonly MessageId[],
    fields: readonly Field[],
  ): Promise<readonly (Pick<MessageFields, Field> | undefined)[]> {
    if (ids.length <= partIds) return this.#readPart(account, ids, fields);
    const parts = [];
    for (let first = 0; first < ids.length; first += partIds) {
      parts.push(this.#readPart(account, ids.slice(first, first + partIds), fields));
    }
    return (await Promise.all(parts)).flat();
  }

  async #readPart<Field extends FieldName>(
    account: AccountId,
    ids: readonly MessageId[],
    fields: readonly Field[],
  ): Promise<readonly (Pick<MessageFields, Field> | undefined)[]> {
    const span = spanOf(ids);
    const [field] = fields;
    if (span !== undefined && field !== undefined && fields.length === 1 && isText(field)) {
      const texts = await this.#readTexts(account, span, sources[field].columns[0] ?? "");
      if (texts !== undefined) return ids.map((id) => pickText(field, texts.get(id)));
    }
    const which = span === undefined ? "id = ANY($2::int8[])" : "id BETWEEN $2 AND $3";
    const wanted = span ?? [int8s(ids)];
    const rows = await this.#pool.query(this.#statement(fields, which), [account, ...wanted]);
    const byId = new Map<number, Row>();
    for (const row of rows) byId.set(numberOf(row, "id"), row);
    return ids.map((id) => {
      const row = byId.get(id);
      return row === undefined ? undefined : pickFrom(row, fields);
    });
  }

  /**
   * One text of each of many neighbours, joined by the database to one value: a row of its own
   * for each costs about as much again. Undefined when a text has the separator in it.
   */
  async #readTexts(
    account: AccountId,
    span: readonly [number, number],
    column: string,
  ): Promise<ReadonlyMap<number, string> | undefined> {
    const asked = this.#prepare(`SELECT string_agg(id::text, ',') AS ids,
      string_agg(${column}, chr(30)) AS texts
      FROM message WHERE account = $1 AND id BETWEEN $2 AND $3
      AND EXISTS (SELECT FROM account WHERE account.id = $1)`);
    const [row] = await this.#pool.query(asked, [account, ...span]);
    const found = optionalText(row, "ids");
    if (found === undefined) return new Map();
    const ids = found.split(",");
    const texts = textOf(row, "texts").split(separator);
    if (texts.length !== ids.length) return undefined;
    return new Map(ids.map((id, place) => [Number(id), texts[place] ?? ""]));
  }

  #statement(fields: readonly FieldName[], which: string): Statement {
    const columns = new Set(["id"]);
    for (const field of fields) for (const column of sources[field].columns) columns.add(column);
    const text = `SELECT ${[...columns].sort().join()} FROM message WHERE account = $1 AND ${which}
      AND EXISTS (SELECT FROM account WHERE account.id = $1)`;
    return this.#prepare(text);
  }

  #prepare(text: string): Statement {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const made = statement(`messages${this.#statements.size}`, text);
    this.#statements.set(text, made);
    return made;
  }
}

/** From the least to the greatest of many numbers that leave out at most every other one. */
function spanOf(ids: readonly MessageId[]): readonly [number, number] | undefined {
  let least = Infinity;
  let greatest = 0;
  for (const id of ids) {
    if (id < least) least = id;
    if (id > greatest) greatest = id;
  }
  return ids.length > 1 && greatest - least < ids.length * 2 ? [least, greatest] : undefined;
}

function isText(field: FieldName): field is TextField {
  return textFields.some((each) => each === field);
}

function pickText<Field extends FieldName>(
  field: Field & TextField,
  text: string | undefined,
): Pick<MessageFields, Field> | undefined {
  if (text === undefined) return undefined;
  const picked: Partial<MessageFields> = { [field]: text };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one asked field was just set
  return picked as Pick<MessageFields, Field>;
}

function textField(column: string) {
  return { columns: [column], read: (row: Row) => textOf(row, column) } as const;
}

function pickFrom<Field extends FieldName>(
  row: Row,
  fields: readonly Field[],
): Pick<MessageFields, Field> {
  const picked: Partial<MessageFields> = {};
  for (const field of fields) setField(picked, field, row);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every asked field was just set
  return picked as Pick<MessageFields, Field>;
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- ties the field to its reader
function setField<Field extends FieldName>(
  picked: Partial<MessageFields>,
  field: Field,
  row: Row,
): void {
  const source: FieldSource<Field> = sources[field];
  picked[field] = source.read(row);
}
