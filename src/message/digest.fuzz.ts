import { assert } from "../base/assert.ts";
import { fromLatin1, fromUtf8 } from "../base/bytes.ts";
import { readCorpus } from "./corpus.ts";
import { digestMessage } from "./digest.ts";
import { foldText } from "./fold.ts";
import { checkStructure, checkWire } from "./structure.fuzz.ts";

export const seeds: readonly Uint8Array[] = [
  ...readCorpus().map(({ bytes }) => bytes),
  fromLatin1("Subject: =?utf-8?b?xaE=?= =?iso-2022-jp?b?GyRCRnxLXBsoQg==?=\r\n\r\n"),
  fromUtf8('From: "č" <a@b>, g: x@y;\r\nDate: 1 Jan 26 0:0 EST\r\n\r\nи\u0306\r\n'),
];

export function fuzz(bytes: Uint8Array): void {
  checkDigest(bytes);
}

/** Throws when a digest breaks a promise of digest.ts or an invariant of the room. */
export function checkDigest(bytes: Uint8Array): void {
  const digest = digestMessage(bytes);
  checkStructure(bytes, digest.structure);
  for (const wire of [digest.envelope, digest.bodyStructure, digest.body]) checkWire(wire);
  assert(digest.preview.length <= 256, "a preview has at most 256 characters");
  assert(digest.references.length <= 110, "references are bounded");
  const { searchText, sort } = digest;
  for (const folded of [
    searchText.headers,
    searchText.body,
    searchText.subject,
    sort.displayFrom,
  ]) {
    assert(foldText(folded) === folded, "folded text folds to itself");
  }
  assert(
    searchText.body.length <= 7 * bytes.length + 1000,
    "search text is bounded by the message",
  );
  const texts = [digest.subject, digest.from, digest.to, digest.preview, digest.messageId ?? ""];
  for (const text of [...texts, ...digest.fileNames]) {
    assert(text.isWellFormed() && !text.includes("\0"), "text can be stored");
  }
}
