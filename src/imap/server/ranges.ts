/** First and last number, both included. */
type NumberRange = readonly [first: number, last: number];

/** What two lists of ranges have in common, sorted; neither need be sorted. */
export function intersect(a: readonly NumberRange[], b: readonly NumberRange[]): NumberRange[] {
  const [left, right] = [merge(a), merge(b)];
  const common: NumberRange[] = [];
  let atLeft = 0;
  let atRight = 0;
  for (;;) {
    const [one, other] = [left[atLeft], right[atRight]];
    if (one === undefined || other === undefined) return common;
    const first = Math.max(one[0], other[0]);
    const last = Math.min(one[1], other[1]);
    if (first <= last) common.push([first, last]);
    if (one[1] < other[1]) atLeft++;
    else atRight++;
  }
}

function merge(ranges: readonly NumberRange[]): NumberRange[] {
  const sorted = ranges.toSorted((one, other) => one[0] - other[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
