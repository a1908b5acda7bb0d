/** Values by tag, white space around them gone, in the order they came. */
export type TagList = ReadonlyMap<string, string>;

/** More tags than any record or signature of worth has. */
const tagsMax = 100;

/**
 * Reads `tag=value; tag=value` (RFC 6376 §3.2), which DKIM, ARC, DMARC and TLS-RPT share. Names
 * keep their case. Undefined when a tag is malformed or comes twice.
 */
export function parseTagList(text: string): TagList | undefined {
  const tags = new Map<string, string>();
  const pieces = text.split(";", tagsMax + 2);
  for (const [index, piece] of pieces.entries()) {
    const equals = piece.indexOf("=");
    if (equals < 0) {
      // Only the last semicolon may have nothing behind it.
      if (index === pieces.length - 1 && index > 0 && trimFolds(piece) === "") break;
      return undefined;
    }
    const name = trimFolds(piece.slice(0, equals));
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || tags.has(name)) return undefined;
    tags.set(name, trimFolds(piece.slice(equals + 1)));
  }
  return tags.size === 0 || tags.size > tagsMax ? undefined : tags;
}

/** Without the white space and line ends (FWS of RFC 6376 §2.8) around it. */
export function trimFolds(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isFold(text.charCodeAt(start))) start++;
  while (end > start && isFold(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Without any white space or line end. */
export function dropFolds(text: string): string {
  return text.replace(/[ \t\r\n]+/g, "");
}

/** Bytes of base64 that may be folded; undefined when it is none or empty. */
export function parseBase64(text: string): Uint8Array | undefined {
  const bare = dropFolds(text);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(bare) ? Buffer.from(bare, "base64") : undefined;
}

function isFold(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
