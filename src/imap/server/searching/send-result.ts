import { uid, type Uid } from "../../../base/ids.ts";
import { sliceOf } from "../../grammar/partial-range.ts";
import type { ReturnOptions } from "../../grammar/return-options.ts";
import { formatNumbers } from "../../grammar/sequence-set.ts";
import { quote } from "../../grammar/strings.ts";
import { untagged } from "../replies.ts";
import type { View } from "../../../mailbox/view.ts";
import type { Session } from "../session.ts";

/** What was asked about a result. */
export interface Asked {
  readonly verb: "SEARCH" | "SORT";
  readonly isUid: boolean;
  readonly returns: ReturnOptions | undefined;
  readonly asksModSeq: boolean;
  /** Of each row, for RELEVANCY. */
  readonly scores: readonly number[] | undefined;
  /** Tells where the result is from (RFC 7377 §2.1); nothing for the selected mailbox. */
  readonly origin?: string;
}

const plainReturns: ReturnOptions = {
  names: new Set(["ALL"]),
  partial: undefined,
  updateItems: [],
};

/**
 * Answers SEARCH (RFC 9051 §7.3.4, RFC 4731 §3.1, RFC 9394 §3.1) or SORT (RFC 5256 §4, RFC 5267
 * §3). `rows` are in the order of the answer.
 */
export function sendResult(session: Session, view: View, rows: Uint32Array, asked: Asked): void {
  const { verb, returns, scores, origin } = asked;
  const numbers = numbersOf(view, rows, asked.isUid);
  // IMAP4rev2 has only the extended answer to SEARCH; the plain one to SORT stays as it is.
  const isPlain = returns === undefined && origin === undefined;
  if (isPlain && !(session.hasRev2 && verb === "SEARCH")) {
    const highest = asked.asksModSeq && rows.length > 0 ? highestOf(view, rows) : undefined;
    const modSeq = highest === undefined ? "" : ` (MODSEQ ${highest})`;
    const list = rows.length === 0 ? "" : ` ${numbers.join(" ")}`;
    untagged(session, `${verb}${list}${modSeq}`);
    return;
  }
  const { names, partial } = returns ?? plainReturns;
  // RFC 5182 §2.1: with SAVE alone there is nothing to tell.
  if (names.size === 1 && names.has("SAVE") && partial === undefined) return;
  const words = [`ESEARCH (TAG ${quote(session.tag ?? "")}${origin ?? ""})`];
  if (asked.isUid) words.push("UID");
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first !== undefined && last !== undefined) {
    if (names.has("MIN")) words.push(`MIN ${first}`);
    if (names.has("MAX")) words.push(`MAX ${last}`);
    if (names.has("ALL")) words.push(`ALL ${formatNumbers(numbers)}`);
  }
  if (partial !== undefined) {
    const page = sliceOf(numbers, partial);
    words.push(`PARTIAL (${partial.label} ${page.length === 0 ? "NIL" : formatNumbers(page)})`);
  }
  if (names.has("COUNT")) words.push(`COUNT ${numbers.length}`);
  if (names.has("RELEVANCY") && scores !== undefined) {
    const shown = partial === undefined ? scores : sliceOf(scores, partial);
    words.push(`RELEVANCY (${shown.join(" ")})`);
  }
  if (asked.asksModSeq && rows.length > 0) {
    words.push(`MODSEQ ${highestOf(view, chosenRows(rows, returns))}`);
  }
  untagged(session, words.join(" "));
}

/** Sequence numbers or UIDs of rows. */
export function numbersOf(view: View, rows: Uint32Array, isUid: boolean): Uint32Array {
  const { uids } = view.columns;
  return rows.map((row) => (isUid ? (uids[row] ?? 0) : view.seqOfRow(row)));
}

/** What "$" has after a search with SAVE, rising (RFC 5182 §2.1, RFC 9394 §3.2). */
export function savedUids(view: View, rows: Uint32Array, returns: ReturnOptions): readonly Uid[] {
  const { uids } = view.columns;
  const chosen = chosenRows(rows, returns).map((row) => uids[row] ?? 0);
  return Array.from(chosen.sort(), (number) => uid(number));
}

/** RFC 4731 §3.2, RFC 5182 §2.1, RFC 9394 §3.2: with MIN, MAX or PARTIAL only those count. */
function chosenRows(rows: Uint32Array, returns: ReturnOptions | undefined): Uint32Array {
  if (returns === undefined) return rows;
  const { names, partial } = returns;
  const isNarrow = partial !== undefined || names.has("MIN") || names.has("MAX");
  if (!isNarrow || names.has("ALL") || names.has("COUNT")) return rows;
  const chosen = new Set(partial === undefined ? [] : sliceOf(rows, partial));
  const [first, last] = [rows[0], rows.at(-1)];
  if (names.has("MIN") && first !== undefined) chosen.add(first);
  if (names.has("MAX") && last !== undefined) chosen.add(last);
  return Uint32Array.from(chosen);
}

function highestOf(view: View, rows: Uint32Array): number {
  return rows.reduce((highest, row) => Math.max(highest, view.columns.modSeqs[row] ?? 0), 0);
}
