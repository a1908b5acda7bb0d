import type { Reason, Refusal } from "../../../base/faults.ts";

/** What is said to people, in one language. */
export interface Texts {
  /** RFC 5646 language tag. */
  readonly tag: string;
  /** Name of the language in itself. */
  readonly name: string;
  readonly languageChanged: string;
  readonly languages: string;
  readonly nowPassword: string;
  readonly mechanisms: string;
  readonly beginTls: string;
  readonly utf8: string;
  readonly capabilities: string;
  readonly uniqueIds: string;
  readonly marked: string;
  readonly stillHere: string;
  readonly top: string;
  readonly goodbye: string;
  readonly notRemoved: string;
  messages(count: number, bytes: number): string;
  octets(bytes: number): string;
  removed(count: number, left: number): string;
  refused(refusal: Refusal): string;
}

/** What is said for each reason, where the refusal's own words are in another language. */
export function refusedFor(reasons: Readonly<Record<Reason, string>>): Texts["refused"] {
  return (refusal) => {
    const text = reasons[refusal.reason];
    // The words of a bug have the reference by which the log tells more.
    return refusal.reason === "bug" ? `${text} ${refusal.text}` : text;
  };
}
