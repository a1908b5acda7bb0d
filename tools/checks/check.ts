/**
 * What a checker found. `seen` counts what it looked at, in `units`: a checker that saw nothing
 * has proved nothing and fails. `faults` say where, what is wrong and what would be right.
 */
export interface Finding {
  readonly seen: number;
  readonly units: string;
  readonly faults: readonly string[];
}

/** True when the checker looked at something and found no fault. */
export function isGood({ seen, faults }: Finding): boolean {
  return seen > 0 && faults.length === 0;
}
