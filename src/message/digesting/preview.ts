import type { CollectedBody } from "./collect-body.ts";

const PREVIEW_LENGTH_MAX = 256; // RFC 8970 §3.1
/** Characters looked at: the first number nearly always suffices. */
const SOURCE_LENGTHS = [512, 16_384] as const;

/**
 * The beginning of the first text that a person would read: without quoted lines when others are
 * there, without control characters, white space runs as one space, cut at a word if one ends near.
 */
export function previewOf({ firstText }: CollectedBody): string {
  for (const length of SOURCE_LENGTHS) {
    const source = firstText.slice(0, length);
    const preview = clean(source.includes(">") ? source.replace(/^[ \t]*>.*$/gm, "") : source);
    if (preview.length >= PREVIEW_LENGTH_MAX) return cut(preview);
    if (firstText.length <= length && preview !== "") return preview;
  }
  return cut(clean(firstText.slice(0, SOURCE_LENGTHS[1])));
}

function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it removes
  return text.replace(/[\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u200b-\u200f\u2060\ufeff]+/g, " ").trim();
}

function cut(text: string): string {
  if (text.length <= PREVIEW_LENGTH_MAX) return text;
  const head = text.slice(0, PREVIEW_LENGTH_MAX);
  const space = head.lastIndexOf(" ");
  if (space > PREVIEW_LENGTH_MAX - 30) return head.slice(0, space);
  const isSplit = (head.charCodeAt(PREVIEW_LENGTH_MAX - 1) & 0xfc00) === 0xd800;
  return isSplit ? head.slice(0, -1) : head;
}
