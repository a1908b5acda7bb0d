import { encodeWords } from "../encoded-words.ts";

const LINE_MAX = 78; // RFC 5322 §2.1.1
/** A line may have 998 characters (RFC 5322 §2.1.1); longer words can only go encoded. */
const WORD_LENGTH_MAX = 900;

/** Fields whose value is made of tokens and addresses: their text is encoded where it is made. */
const structured = new Set(
  "from sender reply-to to cc bcc resent-from resent-to resent-cc message-id in-reply-to references content-type content-disposition content-id date received return-path".split(
    " ",
  ),
);

/**
 * One header field with its CRLF, folded (RFC 5322 §2.2.3) at white space. Text outside ASCII in an
 * unstructured field becomes encoded-words. Line ends and controls in the value become spaces, and
 * a name that is no field name is a bug of the caller: characters outside the grammar go.
 */
export function formatHeaderField(name: string, value: string): string {
  const fieldName = name.replace(/[^\x21-\x39\x3b-\x7e]/g, "");
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  const line = value.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, " ").trim();
  const text = structured.has(fieldName.toLowerCase())
    ? line
    : encodeUnstructured(line, fieldName.length);
  return `${foldLine(`${fieldName}: ${text}`)}\r\n`;
}

/** A line with an encoded-word has at most 76 characters, its name included (RFC 2047 §2). */
function encodeUnstructured(text: string, nameLength: number): string {
  const isForced = text.split(/[ \t]/).some((word) => word.length > WORD_LENGTH_MAX);
  return encodeWords(text, { isForced, lengthMax: Math.max(40, 73 - nameLength) });
}

/** Breaks before blanks so that lines stay within 78 characters where blanks allow it. */
export function foldLine(line: string): string {
  if (line.length <= LINE_MAX) return line;
  let folded = "";
  let current = "";
  for (const piece of line.split(/(?=[ \t])/)) {
    const isBlank = current.trim() === "" || current.endsWith(":");
    if (current.length + piece.length > LINE_MAX && !isBlank && piece.trim() !== "") {
      folded += `${current}\r\n`;
      current = piece;
    } else current += piece;
  }
  return folded + current;
}
