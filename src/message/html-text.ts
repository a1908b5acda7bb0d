import { decodeEntities } from "./html/entities.ts";

/** Elements whose content is not text for a reader. */
const skipped: ReadonlySet<string> = new Set([
  "script",
  "style",
  "title",
  "template",
  "noscript",
  "svg",
]);
/** Elements that begin a line of their own. */
const blocks: ReadonlySet<string> = new Set(
  "address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol p pre section table tbody tfoot thead tr ul".split(
    " ",
  ),
);
/** Elements that end a word. */
const cells: ReadonlySet<string> = new Set(["td", "th", "img", "option"]);
const TAG_NAME_LENGTH_MAX = 16;

/**
 * The text of an HTML body for preview and search: tags, comments, scripts and styles go, entities
 * are decoded, blocks stand on lines of their own, other white space is one space. Not a sanitiser:
 * the result is text, never markup. Linear in the size; stops after about `lengthMax` characters.
 */
export function htmlToText(html: string, lengthMax = Number.POSITIVE_INFINITY): string {
  const scan: HtmlScan = { html, at: 0, hasNoQuote: { '"': false, "'": false } };
  let text = "";
  while (scan.at < html.length && text.length < lengthMax) {
    const open = html.indexOf("<", scan.at);
    const end = open < 0 ? html.length : open;
    if (end > scan.at) text += decodeEntities(collapse(html.slice(scan.at, end)));
    if (open < 0) break;
    scan.at = open;
    const name = readTag(scan);
    if (name === undefined) {
      text += "<";
      scan.at = open + 1;
    } else if (blocks.has(name)) text += "\n";
    else if (cells.has(name)) text += " ";
  }
  return text
    .replace(/ {2,}/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

interface HtmlScan {
  readonly html: string;
  at: number;
  /** Set when no such quote follows any more, so that nobody searches to the end again. */
  readonly hasNoQuote: { '"': boolean; "'": boolean };
}

function collapse(text: string): string {
  return /[\t\r\n\f]| {2}/.test(text) ? text.replace(/[ \t\r\n\f]+/g, " ") : text;
}

/**
 * Moves over the tag, comment or skipped element that begins at `at`. Answers the tag's name, empty
 * for comments and the like, `undefined` when the `<` begins nothing.
 */
function readTag(scan: HtmlScan): string | undefined {
  const { html } = scan;
  const second = html.charCodeAt(scan.at + 1);
  if (second === 0x21 && html.startsWith("<!--", scan.at)) {
    moveAfter(scan, "-->", scan.at + 4);
    return "";
  }
  if (second === 0x21 || second === 0x3f) {
    moveAfter(scan, ">", scan.at + 2);
    return "";
  }
  const isClosing = second === 0x2f;
  const nameStart = scan.at + (isClosing ? 2 : 1);
  let nameEnd = nameStart;
  while (nameEnd - nameStart < TAG_NAME_LENGTH_MAX && isNameCode(html.charCodeAt(nameEnd))) {
    nameEnd++;
  }
  if (nameEnd === nameStart || html.charCodeAt(nameStart) < 0x41) return undefined;
  const name = html.slice(nameStart, nameEnd).toLowerCase();
  scan.at = nameEnd;
  moveAfterTag(scan);
  if (!isClosing && skipped.has(name)) skipElement(scan, name);
  return name;
}

function isNameCode(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function moveAfter(scan: HtmlScan, mark: string, from: number): void {
  const found = scan.html.indexOf(mark, from);
  scan.at = found < 0 ? scan.html.length : found + mark.length;
}

/** Quoted attribute values may hold `>`. */
function moveAfterTag(scan: HtmlScan): void {
  const { html } = scan;
  while (scan.at < html.length) {
    const character = html.charAt(scan.at++);
    if (character === ">") return;
    if ((character === '"' || character === "'") && !scan.hasNoQuote[character]) {
      const close = html.indexOf(character, scan.at);
      if (close < 0) scan.hasNoQuote[character] = true;
      else scan.at = close + 1;
    }
  }
}

function skipElement(scan: HtmlScan, name: string): void {
  const closing = new RegExp(`</${name}`, "gi");
  closing.lastIndex = scan.at;
  const match = closing.exec(scan.html);
  scan.at = match === null ? scan.html.length : match.index;
}
