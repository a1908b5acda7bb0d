import { decodeRawText, withoutNul } from "./encoded-words.ts";

const IDENTIFIER_LENGTH_MAX = 998;

/**
 * The message identifiers of a Message-ID, In-Reply-To or References value (RFC 5322 §3.6.4),
 * without angle brackets, comments and blanks, no one twice, at most `countMax`: the first and then
 * the last ones, because a thread is found by its beginning and by what was answered. Where there
 * is no bracket at all a lone `local@domain` counts. The value is unfolded, one character per byte;
 * UTF-8 (RFC 6532) is decoded.
 */
export function parseMessageIds(value: string, countMax = 100): string[] {
  const raw = withoutNul(decodeRawText(value));
  const ids = new Set<string>();
  let at = raw.indexOf("<");
  if (at < 0) {
    const [word = ""] = raw.trim().split(/\s/, 1);
    return /^[^\s@]+@[^\s@]+$/.test(word) && word.length <= IDENTIFIER_LENGTH_MAX ? [word] : [];
  }
  while (at >= 0) {
    const close = raw.indexOf(">", at);
    if (close < 0) break;
    const nested = raw.lastIndexOf("<", close);
    const id = raw.slice(nested + 1, close).replace(/\s+/g, "");
    if (id !== "" && id.length <= IDENTIFIER_LENGTH_MAX) ids.add(unquoteLocal(id));
    at = raw.indexOf("<", close);
  }
  const all = [...ids];
  return all.length <= countMax
    ? all
    : all.slice(0, 1).concat(all.slice(all.length - countMax + 1));
}

/** RFC 5256 §3: `<"01KF8JCEOCBS0045PS"@xxx.yyy.com>` is the same as without quotes. */
function unquoteLocal(id: string): string {
  const match = /^"((?:[^"\\]|\\.)*)"@(.*)$/.exec(id);
  if (match === null) return id;
  return `${(match[1] ?? "").replace(/\\(.)/g, "$1")}@${match[2] ?? ""}`;
}
