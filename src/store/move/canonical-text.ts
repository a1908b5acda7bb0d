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
  const fields: Readonly<Record<string, unknown>> = { ...value };
  let text = "{";
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name];
    if (field !== undefined) text += `${JSON.stringify(name)}:${canonicalText(field)},`;
  }
  return `${text}}`;
}
