import { isAscii, isUtf8 } from "node:buffer";
import { latin1, utf8 } from "../base/bytes.ts";
import { decodeHz, decodeIso2022Kr } from "./charsets/shifted.ts";
import { upperHalves, visciiControls } from "./charsets/single-byte.ts";
import { decodeUtf7 } from "./charsets/utf7.ts";

/** Other names of charsets that are decoded here; TextDecoder knows the aliases of its own. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["ibm437", "cp437"],
  ["437", "cp437"],
  ["ibm850", "cp850"],
  ["850", "cp850"],
  ["ibm852", "cp852"],
  ["852", "cp852"],
  ["ibm855", "cp855"],
  ["855", "cp855"],
  ["ibm858", "cp858"],
  ["ibm00858", "cp858"],
  ["cp00858", "cp858"],
  ["macce", "x-mac-ce"],
  ["mac-ce", "x-mac-ce"],
  ["macintosh-ce", "x-mac-ce"],
  ["x-mac-centraleurroman", "x-mac-ce"],
  ["x-mac-centraleurope", "x-mac-ce"],
  ["csviscii", "viscii"],
  ["viscii1.1-1", "viscii"],
  ["csiso2022kr", "iso-2022-kr"],
  ["hz", "hz-gb-2312"],
  ["csunicode11utf7", "utf-7"],
  ["unicode-1-1-utf-7", "utf-7"],
  ["x-unicode-2-0-utf-7", "utf-7"],
  ["utf7", "utf-7"],
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["utf8mb4", "utf-8"],
  ["cp65001", "utf-8"],
  ["us-ascii", "us-ascii"],
  ["ascii", "us-ascii"],
  ["ansi_x3.4-1968", "us-ascii"],
  ["iso-8859-8-i", "iso-8859-8"],
  ["iso-8859-8-e", "iso-8859-8"],
  ["cp932", "shift_jis"],
  ["cp936", "gbk"],
  ["cp949", "euc-kr"],
  ["ks_c_5601", "euc-kr"],
  ["cp950", "big5"],
  ["cp866", "ibm866"],
]);

const NAME_LENGTH_MAX = 64;

const decoders: ReadonlyMap<string, (bytes: Uint8Array) => string> = new Map([
  ["utf-8", decodeUtf8],
  ["us-ascii", decodeGuessed],
  ["utf-7", decodeUtf7],
  ["hz-gb-2312", decodeHz],
  ["iso-2022-kr", decodeIso2022Kr],
  ["viscii", decodeViscii],
  ...[...upperHalves]
    .filter(([name]) => name !== "viscii")
    .map(([name, upper]): [string, (bytes: Uint8Array) => string] => [
      name,
      (bytes) => decodeWithUpperHalf(bytes, upper),
    ]),
]);

/**
 * Bytes in any charset as text. Never fails: what the charset has no character for becomes U+FFFD,
 * and a charset that is unknown or absent is guessed: UTF-8 when the bytes are that, else
 * Windows-1252. Plain ASCII in a charset that contains ASCII costs one native copy.
 */
export function decodeCharset(bytes: Uint8Array, charset: string | undefined): string {
  const name = charset === undefined ? "us-ascii" : normaliseCharset(charset);
  const own = decoders.get(name);
  if (own !== undefined) return own(bytes);
  try {
    return new TextDecoder(name).decode(bytes);
  } catch {
    return decodeGuessed(bytes); // a RangeError: TextDecoder does not know the name
  }
}

/** True when `decodeCharset` knows the charset and need not guess. */
export function isKnownCharset(charset: string): boolean {
  const name = normaliseCharset(charset);
  if (decoders.has(name)) return true;
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false; // a RangeError is TextDecoder's way to say no
  }
}

/** `ISO8859_2`, `iso-8859-02`, `cp-1250`, `WIN1250`, `x-cp1251`: how people write the commonest. */
const isoPattern = /^iso8859-?0?(\d{1,2})$/;
const windowsPattern = /^(?:x-?)?(?:cp|win|windows|ms)-?(125\d|874)$/;

function normaliseCharset(charset: string): string {
  const name = charset.trim().toLowerCase().slice(0, NAME_LENGTH_MAX);
  const alias = aliases.get(name);
  if (alias !== undefined) return alias;
  const plain = name.replaceAll("_", "-");
  const iso = isoPattern.exec(plain.replace(/^(?:x-)?iso-?8859/, "iso8859"));
  if (iso !== null) return `iso-8859-${iso[1] ?? ""}`;
  const windows = windowsPattern.exec(plain);
  return windows === null ? name : `windows-${windows[1] ?? ""}`;
}

/** UTF-8 that is not valid throughout is far more often truncated UTF-8 than anything else. */
function decodeUtf8(bytes: Uint8Array): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return isAscii(bytes) ? latin1(bytes) : utf8(bytes, hasMark ? 3 : 0);
}

function decodeGuessed(bytes: Uint8Array): string {
  if (isAscii(bytes)) return latin1(bytes);
  return isUtf8(bytes) ? decodeUtf8(bytes) : new TextDecoder("windows-1252").decode(bytes);
}

function decodeWithUpperHalf(bytes: Uint8Array, upper: string): string {
  if (isAscii(bytes)) return latin1(bytes);
  const units = new Uint16Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    units[at] = byte < 0x80 ? byte : upper.charCodeAt(byte - 0x80);
  }
  return Buffer.from(units.buffer).toString("utf16le");
}

function decodeViscii(bytes: Uint8Array): string {
  const text = decodeWithUpperHalf(bytes, upperHalves.get("viscii") ?? "");
  // oxlint-disable-next-line no-control-regex -- VISCII has letters at control codes
  return text.replace(/[\x02\x05\x06\x14\x19\x1e]/g, (control) => {
    return visciiControls.get(control.charCodeAt(0)) ?? control;
  });
}
