import { asBuffer } from "../../base/bytes.ts";

/**
 * Plain data as text that is equal for equal data: fields sorted by name, those that are
 * undefined left out, bytes in base64. Costs about as much as JSON.
 */
export function canonicalText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Uint8Array) return `<${asBuffer(value).toString("base64")}>`;
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value).sort(byName)) {
    if (field !== undefined) fields.push(`${name}:${canonicalText(field)}`);
  }
  return `{${fields.join()}}`;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
