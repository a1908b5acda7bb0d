import { digit } from "./classes.ts";
import type { Scanner } from "./scanner.ts";

/** Places in a result, from 1, both included; from the end of it when `isFromEnd`. */
export interface PartialRange {
  readonly first: number;
  readonly last: number;
  readonly isFromEnd: boolean;
  /** As it was asked, for the answer. */
  readonly label: string;
}

const numberMax = 4_294_967_295;

/** RFC 9394 §4 partial-range: "1:500", or "-1:-100" from the newest. */
export function parsePartialRange(scanner: Scanner): PartialRange {
  const start = scanner.at;
  const isFromEnd = scanner.skip("-");
  const one = place(scanner);
  scanner.expect(isFromEnd ? ":-" : ":", "a range");
  const other = place(scanner);
  return {
    first: Math.min(one, other),
    last: Math.max(one, other),
    isFromEnd,
    label: scanner.text.slice(start, scanner.at),
  };
}

function place(scanner: Scanner): number {
  const digits = scanner.run(digit);
  const value = Number(digits);
  if (digits === "" || digits.startsWith("0") || digits.length > 10 || value > numberMax) {
    throw scanner.error("Expected a range like 1:500 or -1:-100.");
  }
  return value;
}

/** What of a list is in the range, in the list's order. */
export function sliceOf<List extends { slice(start: number, end: number): List; length: number }>(
  list: List,
  { first, last, isFromEnd }: PartialRange,
): List {
  const { length } = list;
  if (first > length) return list.slice(0, 0);
  return isFromEnd
    ? list.slice(Math.max(0, length - last), length - first + 1)
    : list.slice(first - 1, Math.min(length, last));
}
