/** Columns of a line, so that nobody on the way folds it again (RFC 5322 §2.1.1). */
const columnsMax = 76;

/**
 * A field of tags (RFC 6376 §3.2), folded at white space that its readers ignore, with CRLF at the
 * end. Where the tag `b` comes last, its value may change without moving any other fold.
 */
export function foldTags(
  name: string,
  tags: readonly (readonly [tag: string, value: string])[],
): string {
  let text = `${name}:`;
  let column = text.length;
  const add = (piece: string, isBreakable: boolean) => {
    if (isBreakable && column + 1 + piece.length > columnsMax) {
      text += "\r\n\t";
      column = 8;
    } else if (isBreakable) {
      text += " ";
      column++;
    }
    text += piece;
    column += piece.length;
  };
  for (const [index, [tag, value]] of tags.entries()) {
    const isLast = index === tags.length - 1;
    const pieces = tag === "b" ? splitSignature(value, isLast) : splitValue(value);
    const [first = "", ...rest] = pieces;
    const end = (at: number) => (isLast || at < rest.length ? "" : ";");
    add(`${tag}=${first}${end(0)}`, true);
    rest.forEach((piece, at) => {
      // Values break without any white space in front: no reader counts a tab.
      text += "\r\n\t";
      column = 8;
      add(`${piece}${end(at + 1)}`, false);
    });
  }
  return `${text}\r\n`;
}

/**
 * A signature that comes last begins on a line of its own, so that it moves no other fold. That of
 * an ARC field stays in one piece: its seal covers it, and the ARC test suite wants no space in it.
 */
function splitSignature(value: string, isLast: boolean): string[] {
  return isLast ? ["", ...(value.match(/.{1,72}/g) ?? [])] : [value];
}

/** Lists of names break at their colons; nothing else is long. */
function splitValue(value: string): string[] {
  const pieces: string[] = [];
  let line = "";
  for (const part of value.split(/(?<=:)/)) {
    if (line !== "" && line.length + part.length > 62) {
      pieces.push(line);
      line = "";
    }
    line += part;
  }
  return [...pieces, line];
}
