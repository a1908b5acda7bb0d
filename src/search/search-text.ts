/** Folded texts of a message, as the message room's digest makes them. */
export interface FoldedTexts {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  readonly headers: string;
  readonly body: string;
  /** The body text met a limit: what is not found in it may still be in the message. */
  readonly isTruncated: boolean;
}

/** What the store keeps of them: two strings. */
export interface StoredSearchText {
  readonly headers: string;
  readonly body: string;
}

/** Folding turns each white space into a space, so a line feed separates without doubt. */
const SEPARATOR = "\n";

/** Place of each field's text in the stored header text; all the header text is last. */
export const searchFields = ["subject", "from", "to", "cc", "bcc"] as const;
export type SearchField = (typeof searchFields)[number];

/** The stored form: the fields that people search most, then all header text, line by line. */
export function storedSearchText(texts: FoldedTexts): StoredSearchText {
  const fields = searchFields.map((field) => texts[field]);
  return {
    headers: [...fields, texts.headers].join(SEPARATOR),
    body: texts.isTruncated ? texts.body + SEPARATOR : texts.body,
  };
}

/** One field's text out of the stored header text. */
export function fieldText(headers: string, field: SearchField): string {
  let start = 0;
  for (const each of searchFields) {
    const end = headers.indexOf(SEPARATOR, start);
    if (end < 0) return "";
    if (each === field) return headers.slice(start, end);
    start = end + 1;
  }
  return "";
}

/** Whether the stored body text is only the beginning of what the message says. */
export function isTruncatedText(body: string): boolean {
  return body.endsWith(SEPARATOR);
}
