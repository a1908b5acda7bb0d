import { messageId, uid } from "../../base/ids.ts";
import { assert } from "../../base/assert.ts";
import type { Copy, LogAct } from "../mail.ts";

/** Columns of a copy in a fixed order, keywords last and only when there are any. */
type CopyColumns = readonly [
  uid: number,
  message: number,
  system: number,
  sizeBytes: number,
  internalDateMs: number,
  savedAtMs: number,
  keywords?: readonly string[],
];

type CopiesAct = Extract<LogAct, { readonly copies: readonly Copy[] }>;

/**
 * An act as text. Those with copies are most of the log, and copies are written as columns
 * without names: a third of the bytes.
 */
export function formatAct(act: LogAct): string {
  if (!("copies" in act)) return JSON.stringify(act);
  const { copies, ...rest } = act;
  return JSON.stringify([rest, copies.map(columnsOf)]);
}

/** The act that `formatAct` wrote. */
export function parseAct(text: string): LogAct {
  const parsed: LogAct | [Omit<CopiesAct, "copies">, CopyColumns[]] = JSON.parse(text);
  if (!Array.isArray(parsed)) return parsed;
  const [rest, copies] = parsed;
  assert(rest !== undefined && copies !== undefined, "an act with copies has two parts");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `rest` lost just its copies
  return { ...rest, copies: copies.map(copyOf) } as LogAct; // `rest` lost just its copies
}

function columnsOf(copy: Copy): CopyColumns {
  const { uid, message, flags, sizeBytes, internalDateMs, savedAtMs } = copy;
  const { system, keywords } = flags;
  return keywords.length === 0
    ? [uid, message, system, sizeBytes, internalDateMs, savedAtMs]
    : [uid, message, system, sizeBytes, internalDateMs, savedAtMs, keywords];
}

function copyOf(columns: CopyColumns): Copy {
  const [number, message, system, sizeBytes, internalDateMs, savedAtMs, keywords = []] = columns;
  return {
    uid: uid(number),
    message: messageId(message),
    flags: { system, keywords },
    sizeBytes,
    internalDateMs,
    savedAtMs,
  };
}
