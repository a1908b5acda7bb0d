import { assert } from "../../base/assert.ts";

/** A row by its columns' names, as a connection gives it: SQL's NULL is null. */
export type Row = Readonly<Record<string, unknown>>;

/** Columns of rows that this program wrote itself; anything else is a broken invariant. */
export function numberOf(row: Row | undefined, column: string): number {
  const value = row?.[column];
  assert(typeof value === "number", `column ${column} is a number`);
  return value;
}

export function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column];
  assert(typeof value === "string", `column ${column} is text`);
  return value;
}

export function bytesOf(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  assert(value instanceof Uint8Array, `column ${column} is bytes`);
  return value;
}

export function booleanOf(row: Row | undefined, column: string): boolean {
  const value = row?.[column];
  assert(typeof value === "boolean", `column ${column} is a truth value`);
  return value;
}

/** The numbers of an array; none for the NULL that an aggregate of no rows is. */
export function numbersOf(row: Row, column: string): readonly number[] {
  const value = row[column];
  if (value === null) return [];
  assert(Array.isArray(value), `column ${column} is an array`);
  return value;
}

export function optionalNumber(row: Row | undefined, column: string): number | undefined {
  const value = row?.[column];
  return typeof value === "number" ? value : undefined;
}

export function optionalText(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column];
  return typeof value === "string" ? value : undefined;
}
