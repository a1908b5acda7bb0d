import { assert } from "../base/assert.ts";
import { fromLatin1, latin1 } from "../base/bytes.ts";
import { flattenAddresses, formatAddress, parseAddressList } from "./addresses.ts";
import { findBaseSubject } from "./base-subject.ts";
import { formatHeaderField } from "./builder.ts";
import { parseDate } from "./dates.ts";
import { decodeEncodedWords, decodeHeaderText, encodeWords } from "./encoded-words.ts";
import { parseRawAddresses } from "./grammar/address-list.ts";
import { messageLimits } from "./limits.ts";
import { parseMessageIds } from "./message-ids.ts";
import { formatParameter, parseParameterized } from "./parameters.ts";

export const seeds: readonly Uint8Array[] = [
  'Ana "x" <a@b>, (c) g: d@e, "f g"@[1.2.3.4];, <@r:x@y> z@w (n)',
  "=?utf-8?q?=C5=A1?= =?iso-8859-2*hr?b?uQ==?= x =?",
  'text/plain; name*0*=utf-8\'\'%C5%A1; name*1="b\\""; charset=x (c)',
  "Mon, 23 Nov 2026 08:01:10 +0100 (CET)",
  "Re: [x] Fwd: [y] z (fwd)",
  '<a@b> <"c"@d> e@f',
  "\xef\xbb\xbf\xef\xbb\xbfx",
].map(fromLatin1);

/** Steps that one pass over an address list may take for each character. */
const STEPS_PER_CHARACTER = 4;

/** Reads the bytes as each kind of header value; throws when a promise of a reader is broken. */
export function fuzz(bytes: Uint8Array): void {
  const raw = latin1(bytes);
  const list = parseRawAddresses(raw, messageLimits.addressesMax);
  assert(list.steps <= STEPS_PER_CHARACTER * raw.length + 10, "address lists cost linear work");
  for (const address of flattenAddresses(parseAddressList(bytes))) {
    const texts = [address.name, address.local, address.domain];
    for (const text of texts) assert(isStorable(text), "an address can be stored");
    assert(!/[\r\n]/.test(formatAddress(address)), "an address fits one header line");
  }
  const parsed = parseParameterized(raw);
  assert(parsed.steps <= raw.length + 2, "parameters cost linear work");
  assert(parsed.params.length <= messageLimits.parametersMax, "parameters are bounded");
  for (const [name, value] of parsed.params) {
    assert(isStorable(value), "a parameter can be stored");
    assert(
      !/[\r\n]/.test(
        formatHeaderField("X", formatParameter(name, value))
          .slice(0, -2)
          .replace(/\r\n[ \t]/g, ""),
      ),
      "a parameter fits one field",
    );
  }
  const text = decodeHeaderText(raw);
  assert(isStorable(text), "decoded text can be stored");
  // A byte order mark at the beginning is no text: who decodes drops it.
  const kept = text.replace(/^\ufeff/, "");
  assert(decodeEncodedWords(encodeWords(text)) === kept, "encoded text reads back");
  assert(findBaseSubject(text).text.length <= 998, "a base subject is bounded");
  assert(parseMessageIds(raw, 5).length <= 5, "message identifiers are bounded");
  const date = parseDate(raw);
  assert(date === undefined || Number.isSafeInteger(date.ms), "a date is a number");
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
