import { assert } from "../base/assert.ts";
import { concat, fromLatin1, latin1 } from "../base/bytes.ts";
import { decodeCharset } from "./charset.ts";
import { foldText } from "./fold.ts";
import { htmlToText } from "./html-text.ts";
import { createTransferDecoder } from "./transfer-decoder.ts";
import {
  decodeQuotedPrintable,
  decodeTransfer,
  encodeBase64,
  encodeQuotedPrintable,
} from "./transfer-encoding.ts";

export const seeds: readonly Uint8Array[] = [
  "a=C5=A1 \r\nb=\r\nc=20\r\n=ZZ",
  "aGVsbG8=\r\nd29ybGQ=",
  "begin 644 x\r\n#0V%T\r\n`\r\nend\r\n",
  '<p class="x>">a &amp; b<br><!-- c --><script>d</script></p> <td>e',
  "+AWE-x ~{VPND~} \x1b$)C\x0e>H3g\x0f",
].map(fromLatin1);

const encodings = ["base64", "quoted-printable", "x-uuencode", "8bit"];
const charsets = ["utf-8", "utf-7", "hz-gb-2312", "iso-2022-kr", "viscii", "cp852", "windows-1250"];
const PIECE_BYTES = 7;

/** Reads the bytes as each kind of body; throws when a promise of a reader is broken. */
export function fuzz(bytes: Uint8Array): void {
  for (const encoding of encodings) {
    const whole = decodeTransfer(bytes, encoding);
    assert(whole.length <= bytes.length, "decoding does not grow");
    const decoder = createTransferDecoder(encoding);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      pieces.push(decoder.push(bytes.subarray(at, at + PIECE_BYTES)));
    }
    pieces.push(decoder.end());
    assert(latin1(concat(pieces)) === latin1(whole), `${encoding} in pieces is as in one`);
  }
  assert(
    latin1(decodeTransfer(encodeBase64(bytes), "base64")) === latin1(bytes),
    "base64 reads back",
  );
  const quoted = encodeQuotedPrintable(bytes);
  const lines = latin1(bytes).replace(/\r?\n/g, "\r\n");
  assert(latin1(decodeQuotedPrintable(quoted)) === lines, "quoted-printable reads back");
  for (const charset of charsets) {
    const text = decodeCharset(bytes, charset);
    assert(text.isWellFormed(), `${charset} gives well-formed text`);
    assert(text.length <= bytes.length, `${charset} does not grow`);
    const plain = htmlToText(text);
    assert(plain.length <= text.length + 1, "text is no longer than its HTML");
    assert(foldText(foldText(text)) === foldText(text), "folding twice changes nothing");
  }
}
