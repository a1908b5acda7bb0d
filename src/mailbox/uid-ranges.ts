import { uid as asUid } from "../base/ids.ts";
import type { UidRange } from "../store/mail-changes.ts";

/** UIDs as ranges: sorted, joined where they touch, without repetition. */
export function rangesOfUids(uids: Iterable<number>): UidRange[] {
  const sorted = Uint32Array.from(uids).sort();
  const ranges: UidRange[] = [];
  let first = 0;
  let last = 0;
  for (const value of sorted) {
    if (first !== 0 && value <= last + 1) {
      last = value;
      continue;
    }
    if (first !== 0) ranges.push([asUid(first), asUid(last)]);
    first = last = value;
  }
  if (first !== 0) ranges.push([asUid(first), asUid(last)]);
  return ranges;
}

/** First index in `0 … length` whose value is not below `value`, in a sorted array. */
export function lowerBound(sorted: ArrayLike<number>, value: number, length = sorted.length) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a sorted array has the value. */
export function hasSorted(sorted: ArrayLike<number>, value: number): boolean {
  return sorted[lowerBound(sorted, value)] === value;
}
