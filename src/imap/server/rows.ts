import { Refusal } from "../../base/faults.ts";
import { seqNo, uid } from "../../base/ids.ts";
import type { NumberRange, SequenceSet } from "../grammar/sequence-set.ts";
import type { SelectedState } from "./session.ts";

/**
 * The rows that a set means, in order. Sequence numbers above the count are an error of the
 * client (RFC 9051 §9 seq-number); UIDs that are not there are not (§6.4.9).
 */
export function rowsOf(state: SelectedState, set: SequenceSet, isUid: boolean): Uint32Array {
  const { view } = state;
  if (set.kind === "saved") return savedRows(state);
  if (isUid) return view.rowsByUid(set.ranges);
  // Deviates: RFC 9051 §9 calls "*" in an empty mailbox an error too, but 1:* is what every script
  // says first; it means no message.
  if (set.ranges.some(([, last]) => last !== Infinity && last > view.count)) {
    throw new Refusal("syntax", "There is no message with that sequence number.");
  }
  return view.rowsBySeq(set.ranges);
}

/** The rows of "$" that are still there (RFC 9051 §6.4.4.1). */
export function savedRows({ view, saved }: SelectedState): Uint32Array {
  const rows: number[] = [];
  for (const number of saved) {
    const row = view.rowOfUid(uid(number));
    if (row !== undefined) rows.push(row);
  }
  return Uint32Array.from(rows);
}

/** The UIDs that a set of UIDs names, whether they exist or not; "*" is the last that does. */
export function uidRangesAsked(state: SelectedState, set: SequenceSet): readonly NumberRange[] {
  const { view } = state;
  if (set.kind === "saved") return view.uidRanges(savedRows(state));
  const lastRow = view.rowOfSeq(seqNo(view.count));
  const lastUid = lastRow === undefined ? 0 : (view.columns.uids[lastRow] ?? 0);
  return set.ranges.map(([first, last]): NumberRange => {
    const from = first === Infinity ? lastUid : first;
    const to = last === Infinity ? Math.max(lastUid, from) : last;
    return [Math.min(from, to), Math.max(from, to)];
  });
}
