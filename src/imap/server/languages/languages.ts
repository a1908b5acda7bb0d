import { fromUtf8, latin1 } from "../../../base/bytes.ts";
import type { Reason } from "../../../base/faults.ts";
import { bg } from "./bg.ts";
import { hr } from "./hr.ts";
import { pl } from "./pl.ts";
import { sr } from "./sr.ts";
import type { Translation } from "./texts.ts";

/** A language as a session speaks it; texts are octets of UTF-8. */
export interface Language {
  /** RFC 5646 §2.1 tag, as it is told. */
  readonly tag: string;
  /** Of what is said in English; what has no translation stays as it is. */
  translate(text: string): string;
  /** What is said of a refusal; undefined to say its own text. */
  refusal(reason: Reason): string | undefined;
}

/** RFC 5255 §3.2: what is spoken until the client asks for something else. */
export const english: Language = {
  tag: "EN",
  translate: (text) => text,
  refusal: () => undefined,
};

const cyrillic = "абвгдђежзијклљмнњопрстћуфхцчџш";
const latin = "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split(" ");

/** Serbian in Latin script, letter by letter. */
export function toLatin(text: string): string {
  return text.replace(/\p{Script=Cyrillic}/gu, (letter) => {
    const small = latin[cyrillic.indexOf(letter.toLowerCase())] ?? letter;
    return letter === letter.toLowerCase() ? small : small.charAt(0).toUpperCase() + small.slice(1);
  });
}

function languageOf(
  tag: string,
  { texts, reasons }: Translation,
  script: (text: string) => string = (text) => text,
): Language {
  const octets = (text: string) => latin1(fromUtf8(script(text)));
  const known = new Map(Object.entries(texts).map(([text, said]) => [text, octets(said)]));
  const refusals = new Map(Object.entries(reasons).map(([reason, said]) => [reason, octets(said)]));
  return {
    tag,
    translate: (text) => known.get(text) ?? text,
    refusal: (reason) => refusals.get(reason),
  };
}

/** All that are spoken; English first. */
export const languages: readonly Language[] = [
  english,
  languageOf("HR", hr),
  languageOf("PL", pl),
  languageOf("BG", bg),
  languageOf("SR", sr),
  languageOf("SR-Latn", sr, toLatin),
];

/**
 * The language that a range means (RFC 4647 §3.4 lookup: "hr-HR" is "hr"); "default" and
 * "i-default" are English. Undefined when it is not spoken.
 */
export function findLanguage(range: string): Language | undefined {
  let wanted = range.toUpperCase();
  if (wanted === "DEFAULT" || wanted === "I-DEFAULT" || wanted === "*") return english;
  for (;;) {
    const found = languages.find(({ tag }) => tag.toUpperCase() === wanted);
    if (found !== undefined) return found;
    const end = wanted.lastIndexOf("-");
    if (end < 0) return undefined;
    wanted = wanted.slice(0, end);
  }
}
