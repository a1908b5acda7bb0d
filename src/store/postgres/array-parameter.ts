import { asBuffer } from "../../base/bytes.ts";
import { toSqlText } from "./sql-text.ts";

/**
 * Arrays as parameters, in PostgreSQL's binary form (`array_recv` in its source): a header, then
 * each element's length and bytes. With `unnest`, a statement of fixed text writes any number of
 * rows, and no byte of a body is turned into digits.
 */
const oids = { boolean: 16, bytea: 17, int8: 20, int4: 23, text: 25, float8: 701 } as const;

const headerBytes = 20;

export function int8s(values: readonly number[]): Buffer {
  return fixedWidth(oids.int8, 8, values, writeInt8);
}

export function int4s(values: readonly number[]): Buffer {
  return fixedWidth(oids.int4, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at));
}

export function float8s(values: readonly number[]): Buffer {
  return fixedWidth(oids.float8, 8, values, (buffer, value, at) => buffer.writeDoubleBE(value, at));
}

export function booleans(values: readonly boolean[]): Buffer {
  return fixedWidth(oids.boolean, 1, values, (buffer, value, at) => {
    buffer.writeUInt8(Number(value), at);
  });
}

/** Undefined is SQL's NULL. */
export function texts(values: readonly (string | undefined)[]): Buffer {
  return variableWidth(
    oids.text,
    values.map((value) => (value === undefined ? undefined : Buffer.from(toSqlText(value)))),
  );
}

export function byteas(values: readonly Uint8Array[]): Buffer {
  return variableWidth(oids.bytea, values);
}

function fixedWidth<Value>(
  oid: number,
  width: number,
  values: readonly Value[],
  write: (buffer: Buffer, value: Value, at: number) => void,
): Buffer {
  const buffer = Buffer.allocUnsafe(headerBytes + values.length * (4 + width));
  let at = writeHeader(buffer, oid, values.length, false);
  for (const value of values) {
    buffer.writeInt32BE(width, at);
    write(buffer, value, at + 4);
    at += 4 + width;
  }
  return values.length === 0 ? emptyArray(oid) : buffer;
}

function variableWidth(oid: number, values: readonly (Uint8Array | undefined)[]): Buffer {
  if (values.length === 0) return emptyArray(oid);
  let size = headerBytes;
  let hasNull = false;
  for (const value of values) {
    size += 4 + (value?.length ?? 0);
    hasNull ||= value === undefined;
  }
  const buffer = Buffer.allocUnsafe(size);
  let at = writeHeader(buffer, oid, values.length, hasNull);
  for (const value of values) {
    at = buffer.writeInt32BE(value?.length ?? -1, at);
    if (value === undefined) continue;
    asBuffer(value).copy(buffer, at);
    at += value.length;
  }
  return buffer;
}

/** One dimension, counted from 1. */
function writeHeader(buffer: Buffer, oid: number, count: number, hasNull: boolean): number {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(Number(hasNull), 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(count, 12);
  return buffer.writeInt32BE(1, 16);
}

function emptyArray(oid: number): Buffer {
  const buffer = Buffer.alloc(12);
  buffer.writeInt32BE(oid, 8);
  return buffer;
}

/** All integers of the store are exact doubles: below 2^53. */
function writeInt8(buffer: Buffer, value: number, at: number): void {
  buffer.writeInt32BE(Math.floor(value / 4_294_967_296), at);
  buffer.writeUInt32BE(value >>> 0, at + 4);
}
