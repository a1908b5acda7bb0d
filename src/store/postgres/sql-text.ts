/** A noncharacter of Unicode (The Unicode Standard, §23.7): no text means anything by it. */
const mark = "\u{10ffff}";
// oxlint-disable-next-line no-control-regex -- the one character that PostgreSQL has not
const special = /\u0000|\u{10ffff}/gu;
const marked = /\u{10ffff}([01])/gu;

/** Any text as text that PostgreSQL takes, which is any without U+0000. */
export function toSqlText(text: string): string {
  if (!text.includes("\0") && !text.includes(mark)) return text;
  return text.replace(special, (found) => (found === mark ? `${mark}1` : `${mark}0`));
}

/** The text that `toSqlText` was given. */
export function fromSqlText(text: string): string {
  if (!text.includes(mark)) return text;
  return text.replace(marked, (_, kind) => (kind === "1" ? mark : "\0"));
}
