/** Where a body lies. */
export interface Place {
  readonly segment: number;
  /** Of its first byte. */
  readonly position: number;
}

/** The file of a segment. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(8, "0")}.seg`;
}

/** The number in a segment's name; undefined for the name of anything else. */
export function segmentNumber(name: string): number | undefined {
  const digits = /^(\d{8,})\.seg$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
