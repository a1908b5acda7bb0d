import type { BenchServer } from "../servers/server.ts";

/** One measured number. */
export interface Measurement {
  /** "deliver 4 KiB, 100 connections, new each". */
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** Whether a larger value is the better one. */
  readonly isMoreBetter: boolean;
}

/** A measurement that is made the same way on every server. */
export interface Figure {
  readonly name: string;
  /** Takes fewer rounds when `isQuick`. */
  measure(server: BenchServer, isQuick: boolean): Promise<readonly Measurement[]>;
}

/** The middle of three or more values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
