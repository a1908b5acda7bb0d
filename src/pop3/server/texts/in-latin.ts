import type { Texts } from "./texts.ts";

/** Serbian letters in Cyrillic, and in the same places in Latin script. */
const cyrillic = "абвгдђежзијклљмнњопрстћуфхцчџш";
const latin = "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split(" ");

/** Serbian texts in Latin script, letter by letter. */
export function inLatin(texts: Texts): Texts {
  return {
    tag: "sr-Latn",
    name: toLatin(texts.name),
    languageChanged: toLatin(texts.languageChanged),
    languages: toLatin(texts.languages),
    nowPassword: toLatin(texts.nowPassword),
    mechanisms: toLatin(texts.mechanisms),
    beginTls: toLatin(texts.beginTls),
    utf8: toLatin(texts.utf8),
    capabilities: toLatin(texts.capabilities),
    uniqueIds: toLatin(texts.uniqueIds),
    marked: toLatin(texts.marked),
    stillHere: toLatin(texts.stillHere),
    top: toLatin(texts.top),
    goodbye: toLatin(texts.goodbye),
    notRemoved: toLatin(texts.notRemoved),
    messages: (count, bytes) => toLatin(texts.messages(count, bytes)),
    octets: (bytes) => toLatin(texts.octets(bytes)),
    removed: (count, left) => toLatin(texts.removed(count, left)),
    refused: (refusal) => toLatin(texts.refused(refusal)),
  };
}

/** A capital of two letters has a small second one, as at the beginning of a sentence. */
function toLatin(text: string): string {
  return text.replace(/\p{Script=Cyrillic}/gu, (letter) => {
    const small = letter.toLowerCase();
    const written = latin[cyrillic.indexOf(small)] ?? letter;
    return letter === small ? written : written.charAt(0).toUpperCase() + written.slice(1);
  });
}
