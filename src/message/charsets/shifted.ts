import { CR, LF } from "../../base/bytes.ts";

const ESCAPE = 0x1b;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const TILDE = 0x7e;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * HZ (RFC 1843) to text: `~{` opens a run of GB 2312 pairs with the high bit off, `~}` closes it,
 * `~~` is a tilde, and a tilde before a line end joins two lines. A line end closes a run, so that
 * one lost `~}` garbles one line only.
 */
export function decodeHz(bytes: Uint8Array): string {
  const raised = new Uint8Array(bytes.length);
  let length = 0;
  let isShifted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === LF) isShifted = false;
    if (byte === TILDE) {
      const next = bytes[at + 1];
      if (next === OPEN_BRACE || next === CLOSE_BRACE) {
        isShifted = next === OPEN_BRACE;
        at++;
        continue;
      }
      if (next === TILDE && !isShifted) {
        raised[length++] = TILDE;
        at++;
        continue;
      }
      if (next === LF || (next === CR && bytes[at + 2] === LF)) {
        at += next === LF ? 1 : 2;
        isShifted = false;
        continue;
      }
    }
    raised[length++] = isShifted && byte > 0x20 ? byte | 0x80 : byte;
  }
  return new TextDecoder("gb18030").decode(raised.subarray(0, length));
}

/**
 * ISO-2022-KR (RFC 1557) to text: after the header `ESC $ ) C`, SO opens a run of KS C 5601 pairs
 * with the high bit off and SI closes it; a line begins in ASCII.
 */
export function decodeIso2022Kr(bytes: Uint8Array): string {
  const raised = new Uint8Array(bytes.length);
  let length = 0;
  let isShifted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === ESCAPE && bytes[at + 1] === 0x24 && bytes[at + 2] === 0x29) {
      at += 3;
      continue;
    }
    if (byte === SHIFT_OUT || byte === SHIFT_IN) {
      isShifted = byte === SHIFT_OUT;
      continue;
    }
    if (byte === LF) isShifted = false;
    raised[length++] = isShifted && byte > 0x20 ? byte | 0x80 : byte;
  }
  return new TextDecoder("euc-kr").decode(raised.subarray(0, length));
}
