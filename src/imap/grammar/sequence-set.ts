import { Refusal } from "../../base/faults.ts";
import { digit } from "./classes.ts";
import type { Scanner } from "./scanner.ts";

/** First and last number, both included; `Infinity` is "*". */
export type NumberRange = readonly [first: number, last: number];

/** RFC 9051 §9 sequence-set; "$" is the saved search result (RFC 9051 §6.4.4.1). */
export type SequenceSet =
  | { readonly kind: "saved" }
  | { readonly kind: "ranges"; readonly ranges: readonly NumberRange[] };

/** Most ranges in one set: what fits into a command line anyway. */
export const rangesMax = 20_000;

const numberMax = 4_294_967_295;

export function parseSequenceSet(scanner: Scanner): SequenceSet {
  if (scanner.skip("$")) return { kind: "saved" };
  return { kind: "ranges", ranges: parseRanges(scanner) };
}

/** Ranges without "$"; "5:2" is given as [2, 5]. */
export function parseRanges(scanner: Scanner): NumberRange[] {
  const ranges: NumberRange[] = [];
  do {
    if (ranges.length >= rangesMax) throw new Refusal("limit", "The set has too many ranges.");
    const first = seqNumber(scanner);
    const last = scanner.skip(":") ? seqNumber(scanner) : first;
    ranges.push(first <= last ? [first, last] : [last, first]);
  } while (scanner.skip(","));
  return ranges;
}

/** Ranges of numbers only, as known-uids of QRESYNC (RFC 7162 §3.2.5.1). */
export function parseKnownRanges(scanner: Scanner): NumberRange[] {
  const ranges = parseRanges(scanner);
  if (ranges.some(([, last]) => last === Infinity))
    throw scanner.error('"*" is not possible here.');
  return ranges;
}

function seqNumber(scanner: Scanner): number {
  if (scanner.skip("*")) return Infinity;
  const digits = scanner.run(digit);
  const value = Number(digits);
  if (digits === "" || digits.startsWith("0") || digits.length > 10 || value > numberMax) {
    throw scanner.error("Expected a number from 1 to 4294967295, * or a range of them.");
  }
  return value;
}

/** Numbers covered by known ranges, in order of the set, at most `max` of them. */
export function* numbersOf(ranges: readonly NumberRange[], max: number): Generator<number> {
  let given = 0;
  for (const [first, last] of ranges) {
    for (let value = first; value <= last; value++) {
      if (given++ >= max) return;
      yield value;
    }
  }
}

export function formatRanges(ranges: readonly (readonly [number, number])[]): string {
  let text = "";
  for (const [first, last] of ranges) {
    if (text !== "") text += ",";
    text += first === last ? `${first}` : `${first}:${last}`;
  }
  return text;
}

/** Rising or unordered numbers as a set in their own order: neighbours that rise by one join. */
export function formatNumbers(numbers: ArrayLike<number>): string {
  let text = "";
  for (let at = 0; at < numbers.length; at++) {
    const first = numbers[at] ?? 0;
    let last = first;
    while (numbers[at + 1] === last + 1) {
      last++;
      at++;
    }
    if (text !== "") text += ",";
    text += first === last ? `${first}` : `${first}:${last}`;
  }
  return text;
}
