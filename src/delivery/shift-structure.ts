/** An offset in the JSON of a MessageStructure. No text in it can look so: quotes are escaped. */
const offset = /"(headerStart|bodyStart|bodyEnd)":(\d+)/g;

/**
 * The structure of a message (message room, as JSON) after `by` bytes of header fields were put in
 * front of it: every offset moves but the root's first, which alone is 0, since its header now
 * begins with them. So a body is digested once for all its recipients, whose prefixes differ.
 */
export function shiftStructure(structure: string, by: number): string {
  return structure.replace(offset, (whole, key: string, digits: string) =>
    digits === "0" && key === "headerStart" ? whole : `"${key}":${Number(digits) + by}`,
  );
}
