import { Refusal } from "../../base/faults.ts";
import { findBytes } from "../config/setting.ts";

/** @throws Refusal `syntax` naming the argument when it is no whole number. */
export function getWhole(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal("syntax", `${name} is ${text}; it must be a whole number.`);
}

/** Bytes. @throws Refusal `syntax` when it is no size. */
export function getSize(text: string): number {
  const bytes = findBytes(text);
  if (bytes !== undefined) return bytes;
  throw new Refusal("syntax", `${text} is no size; write it like "5 GiB".`);
}

/** Writes to standard output, with one line end behind it. */
export function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}
