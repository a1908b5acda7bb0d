/**
 * A string as IMAP sends it (RFC 9051 §4.3), one character per byte: quoted when it may be, as a
 * literal when it has 8-bit bytes or line ends. NUL, which neither form can carry, becomes "?".
 */
export function imapString(text: string): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text)) return `"${text}"`;
  // oxlint-disable-next-line no-control-regex -- the classes are the grammar's
  if (/^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(text)) return `"${text.replace(/["\\]/g, "\\$&")}"`;
  if (text.includes("\0")) return imapString(text.replaceAll("\0", "?"));
  return `{${text.length}}\r\n${text}`;
}

/** The same, or NIL. */
export function imapNString(text: string | undefined): string {
  return text === undefined ? "NIL" : imapString(text);
}
