import type { Clock } from "../base/clock.ts";
import { messageId } from "../base/ids.ts";
import { decodeHeaderText } from "../message/encoded-words.ts";
import { foldText } from "../message/fold.ts";
import type { MessageFields } from "../store/mail.ts";
import { readEnvelope, type StoredAddress } from "./sorting/stored-envelope.ts";
import type { SearchColumns, SearchMessages } from "./source.ts";
import { Turns } from "./turns.ts";

/** RFC 5256 §3 sort keys, and those of RFC 5957 §3. */
export type SortKey =
  | "arrival"
  | "cc"
  | "date"
  | "from"
  | "size"
  | "subject"
  | "to"
  | "displayFrom"
  | "displayTo";

export interface SortCriterion {
  readonly key: SortKey;
  readonly isReversed: boolean;
}

export interface SortOptions {
  /** Rows in the order of the mailbox; rows that are equal in all criteria stay in it. */
  readonly rows: Uint32Array;
  /** At least one. */
  readonly criteria: readonly SortCriterion[];
  readonly columns: Pick<SearchColumns, "messageIds" | "sizes" | "internalDatesMs">;
  readonly messages: Pick<SearchMessages, "messages">;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Messages whose fields are read from the store at once. */
const chunkSize = 2000;

/**
 * The rows in the order that the criteria say (RFC 5256 §3). Texts are compared in folded form
 * (message/fold.ts), where RFC 5256 wants at least the letter case not to count; a message without
 * a field, or that is gone, comes as if the field were empty. Costs one reading of the asked fields.
 */
export async function sortRows(options: SortOptions): Promise<Uint32Array> {
  const { rows, criteria } = options;
  const keys = new Map<SortKey, Keys>();
  for (const { key } of criteria) {
    if (!keys.has(key)) keys.set(key, columnKeys(key, options) ?? Array.from(rows, () => ""));
  }
  await readKeys(options, keys);
  const order = Uint32Array.from({ length: rows.length }, (_, place) => place);
  const compares = criteria.map(({ key, isReversed }) => comparison(keys.get(key), isReversed));
  order.sort((a, b) => {
    for (const compare of compares) {
      const sign = compare(a, b);
      if (sign !== 0) return sign;
    }
    return a - b;
  });
  return order.map((place) => rows[place] ?? 0);
}

/** One value for each place of the rows; texts are folded. */
type Keys = Float64Array | string[];

/** Keys that the columns hold, or room for numbers that must be read. */
function columnKeys(key: SortKey, { rows, columns }: SortOptions): Float64Array | undefined {
  if (key === "date") return new Float64Array(rows.length);
  if (key !== "arrival" && key !== "size") return undefined;
  const column = key === "size" ? columns.sizes : columns.internalDatesMs;
  return Float64Array.from(rows, (row) => column[row] ?? 0);
}

async function readKeys(options: SortOptions, keys: ReadonlyMap<SortKey, Keys>): Promise<void> {
  const { rows, columns, messages } = options;
  const fields = fieldsOf([...keys.keys()]);
  if (fields.length === 0) return;
  const turns = new Turns(options.clock, options.signal);
  for (let at = 0; at < rows.length; at += chunkSize) {
    await turns.take();
    const chunk = rows.subarray(at, at + chunkSize);
    const ids = Array.from(chunk, (row) => messageId(columns.messageIds[row] ?? 0));
    const found = await messages.messages(ids, fields);
    for (const [place, message] of found.entries()) takeKeys(keys, at + place, message ?? {});
  }
}

function fieldsOf(keys: readonly SortKey[]): (keyof MessageFields)[] {
  const fields = new Set<keyof MessageFields>();
  for (const key of keys) {
    if (key === "date") fields.add("sentAtMs");
    else if (key === "subject") fields.add("baseSubject");
    else if (key !== "arrival" && key !== "size") fields.add("envelope");
  }
  return [...fields];
}

function takeKeys(
  keys: ReadonlyMap<SortKey, Keys>,
  place: number,
  { sentAtMs = 0, baseSubject = "", envelope }: Partial<MessageFields>,
): void {
  const { from, to, cc } = envelope === undefined ? nobody : readEnvelope(envelope);
  for (const [key, values] of keys) {
    if (key === "arrival" || key === "size") continue;
    if (key === "date") values[place] = sentAtMs;
    else if (key === "subject") values[place] = foldText(baseSubject);
    else if (key === "from") values[place] = mailboxKey(from);
    else if (key === "to") values[place] = mailboxKey(to);
    else if (key === "cc") values[place] = mailboxKey(cc);
    else values[place] = displayKey(key === "displayFrom" ? from : to);
  }
}

const nobody = { from: undefined, to: undefined, cc: undefined };

/** RFC 5256 §3: addr-mailbox of the first address. */
function mailboxKey(address: StoredAddress | undefined): string {
  return foldText(decodeHeaderText(address?.local ?? ""));
}

/** RFC 5957 §3: the display name as people read it, else the address, of the first mailbox. */
function displayKey(address: StoredAddress | undefined): string {
  if (address === undefined) return "";
  const { name, local = "", host } = address;
  if (name !== undefined && name !== "") return foldText(decodeHeaderText(name));
  return foldText(decodeHeaderText(host === undefined ? local : `${local}@${host}`));
}

function comparison(keys: Keys | undefined, isReversed: boolean): (a: number, b: number) => number {
  const sign = isReversed ? -1 : 1;
  return (a, b) => {
    const left = keys?.[a] ?? "";
    const right = keys?.[b] ?? "";
    return left < right ? -sign : left > right ? sign : 0;
  };
}
