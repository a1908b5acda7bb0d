/**
 * Text without the blanks and line ends at both ends. Not `String.trim`: it also takes the
 * no-break space, and in text with one character per byte that is the last byte of "à" in UTF-8.
 */
export function trimBlanks(text: string, start = 0, end = text.length): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
