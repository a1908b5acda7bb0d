import { lowerBound } from "../uid-ranges.ts";
import type { Range } from "../view.ts";

/** All rows of the spans (ends included) in order, without repetition and without the hidden. */
export function rowsInRanges(spans: readonly Range[], hidden: Uint32Array): Uint32Array {
  const merged = mergeSpans(spans);
  let count = 0;
  for (const [first, last] of merged) {
    count += last - first + 1 - (lowerBound(hidden, last + 1) - lowerBound(hidden, first));
  }
  const rows = new Uint32Array(count);
  let filled = 0;
  for (const [first, last] of merged) {
    let next = lowerBound(hidden, first);
    for (let row = first; row <= last; row++) {
      if (hidden[next] === row) next++;
      else rows[filled++] = row;
    }
  }
  return rows;
}

function mergeSpans(spans: readonly Range[]): Range[] {
  const sorted = spans.filter(([first, last]) => first <= last).sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
