import { type Uid, uid } from "../../base/ids.ts";
import type { UidRange } from "../mail-changes.ts";

/** Rising UIDs as the shortest sorted list of ranges. */
export function toRanges(uids: Iterable<Uid>): readonly UidRange[] {
  const ranges: UidRange[] = [];
  let first = 0;
  let last = 0;
  for (const next of uids) {
    if (first !== 0 && next === last + 1) {
      last = next;
      continue;
    }
    if (first !== 0) ranges.push([uid(first), uid(last)]);
    first = next;
    last = next;
  }
  if (first !== 0) ranges.push([uid(first), uid(last)]);
  return ranges;
}

/** How many numbers the ranges span. */
export function countUids(ranges: readonly UidRange[]): number {
  let count = 0;
  for (const [first, last] of ranges) count += last - first + 1;
  return count;
}

/** Whether the sorted ranges contain the number; logarithmic in their count. */
export function includesUid(ranges: readonly UidRange[], wanted: Uid): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range === undefined) return false;
    if (wanted < range[0]) high = middle - 1;
    else if (wanted > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}
