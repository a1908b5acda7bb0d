import { fromLatin1 } from "../base/bytes.ts";
import { canonicalField, signedBytes } from "./dkim/header-hash.ts";
import { foldTags } from "./dkim/fold-tags.ts";
import type { DkimKey } from "./dkim-keys.ts";
import { hashToSign, signData } from "./dkim-sign.ts";
import { findArcSets, instancesMax } from "./arc/sets.ts";
import { readSeal } from "./arc.ts";
import { rawValue } from "../message/headers.ts";
import type { MessageView } from "./message-view.ts";

export interface SealOptions {
  readonly key: DkimKey;
  /** What our own judgement says of the chain so far. */
  readonly chain: "none" | "pass" | "fail";
  /** What we found, as Authentication-Results says it: `mx.example; spf=pass …`, folded or not. */
  readonly results: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Names to sign, lower case; those that a DKIM signature of ours covers unless given. */
  readonly signedNames?: readonly string[];
}

const defaultNames = [
  "from",
  "to",
  "cc",
  "subject",
  "date",
  "message-id",
  "reply-to",
  "in-reply-to",
  "references",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
  "dkim-signature",
];

/**
 * The next ARC set of a message (RFC 8617 §5.1): three fields with CRLF to put on top of it.
 * Undefined when none may be added: the chain has failed already, is malformed or full.
 */
export function sealArc(view: MessageView, options: SealOptions): string | undefined {
  const found = findArcSets(view);
  if (found.kind === "malformed" || found.sets.length >= instancesMax) return undefined;
  const { sets } = found;
  const last = sets.at(-1);
  if (last !== undefined && readSeal(rawValue(view.header, last.seal))?.status === "fail") {
    return undefined;
  }
  const { key, nowMs } = options;
  const instance = String(sets.length + 1);
  const signedAt = String(Math.floor(nowMs / 1000));
  const results = `ARC-Authentication-Results: i=${instance}; ${options.results.trim()}\r\n`;
  const names = options.signedNames ?? defaultNames.filter((name) => isPresent(view, name));
  const signature = (signed: string) =>
    foldTags("ARC-Message-Signature", [
      ["a", key.algorithm],
      ["b", signed],
      ["bh", hashToSign(view, "relaxed")],
      ["c", "relaxed/relaxed"],
      ["d", key.domain],
      ["h", names.join(":")],
      ["i", instance],
      ["s", key.selector],
      ["t", signedAt],
    ]);
  const signatureField = signature(
    signData(key, signedBytes(view, names, signature(""), "relaxed")),
  );
  const seal = (signed: string) =>
    foldTags("ARC-Seal", [
      ["a", key.algorithm],
      ["b", signed],
      ["cv", options.chain],
      ["d", key.domain],
      ["i", instance],
      ["s", key.selector],
      ["t", signedAt],
    ]);
  // RFC 8617 §5.1.2: a seal that tells of a failure covers its own set only.
  const before = options.chain === "fail" ? [] : sets;
  const covered = before.flatMap((set) =>
    [set.results, set.signature, set.seal].map((field) => view.fieldText(field)),
  );
  const texts = [...covered, results, signatureField, seal("")];
  const data = texts.map((text) => canonicalField(text, "relaxed")).join("\r\n");
  return seal(signData(key, fromLatin1(data))) + signatureField + results;
}

function isPresent(view: MessageView, name: string): boolean {
  return view.fieldsNamed(name).length > 0;
}
