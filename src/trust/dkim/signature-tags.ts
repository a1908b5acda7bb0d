import { fromLatin1, utf8 } from "../../base/bytes.ts";
import { findHostName, findAsciiDomain, isWithin } from "../names.ts";
import type { TagList } from "../grammar/tag-list.ts";
import { dropFolds, parseBase64, parseTagList } from "../grammar/tag-list.ts";
import type { Canonicalization } from "./body-hash.ts";

/** What a DKIM-Signature or ARC-Message-Signature says (RFC 6376 §3.5). */
export interface SignatureTags {
  /** `rsa-sha256` and the like, lower case. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
  /** `b=` without white space: its beginning tells signatures apart (RFC 6008 §4). */
  readonly signatureText: string;
  readonly bodyHash: Uint8Array;
  readonly headerCanonicalization: Canonicalization;
  readonly bodyCanonicalization: Canonicalization;
  /** In A-labels. */
  readonly domain: string;
  readonly selector: string;
  /** Of `i=`, `@domain` when absent; of an ARC field just the domain too. */
  readonly identity: string;
  readonly identityDomain: string;
  /** In lower case, in order. */
  readonly signedNames: readonly string[];
  readonly bodyLength: number | undefined;
  readonly signedAtMs: number | undefined;
  readonly expiresAtMs: number | undefined;
}

export type ParsedSignature =
  | { readonly kind: "tags"; readonly tags: SignatureTags }
  | { readonly kind: "malformed"; readonly problem: string; readonly list?: TagList };

/** Names that a signature may list: more than that is no mail anybody sends. */
const signedNamesMax = 1_000;

/** Reads the value of a signature field, one character per byte. ARC has an instance in `i=` and no version. */
export function parseSignature(value: string, kind: "dkim" | "arc"): ParsedSignature {
  // RFC 8616 §5: domains and selectors may be Unicode.
  const list = parseTagList(/[\x80-\xff]/.test(value) ? utf8(fromLatin1(value)) : value);
  if (list === undefined) return { kind: "malformed", problem: "no list of tags" };
  const malformed = (problem: string) => ({ kind: "malformed", problem, list }) as const;
  if (kind === "dkim" && list.get("v") !== "1") return malformed("no version that is known");
  for (const tag of ["a", "b", "bh", "d", "h", "s"]) {
    if (!list.has(tag)) return malformed(`no tag ${tag}`);
  }
  const domain = findHostName(list.get("d") ?? "");
  const selector = findAsciiDomain(list.get("s") ?? "");
  if (domain === undefined) return malformed("d= is no domain");
  if (selector === undefined) return malformed("s= is no selector");
  const signature = parseBase64(list.get("b") ?? "");
  const bodyHash = parseBase64(list.get("bh") ?? "");
  if (signature === undefined || bodyHash === undefined) return malformed("b= or bh= is no base64");
  const canonicalizations = parseCanonicalizations(list.get("c"));
  if (canonicalizations === undefined) return malformed("c= is unknown");
  const numbers = parseNumbers(list);
  if (numbers === undefined) return malformed("l=, t= or x= is no number");
  const queries = (list.get("q") ?? "dns/txt").split(":").map(dropFolds);
  if (!queries.includes("dns/txt")) return malformed("q= has no method that is known");
  const identity = kind === "arc" ? `@${domain}` : (list.get("i") ?? `@${domain}`);
  const identityDomain = findHostName(identity.slice(identity.lastIndexOf("@") + 1));
  if (identityDomain === undefined || !isWithin(identityDomain, domain)) {
    return malformed("i= is outside d=");
  }
  const signedNames = (list.get("h") ?? "").split(":").map((name) => dropFolds(name).toLowerCase());
  if (signedNames.length > signedNamesMax) return malformed("h= has too many names");
  const tags = {
    algorithm: (list.get("a") ?? "").toLowerCase(),
    signature,
    signatureText: dropFolds(list.get("b") ?? ""),
    bodyHash,
    ...canonicalizations,
    domain,
    selector,
    identity: dropFolds(identity),
    identityDomain,
    signedNames,
    ...numbers,
  };
  return { kind: "tags", tags };
}

function parseCanonicalizations(text = "simple/simple") {
  const match = /^(simple|relaxed)(?:\/(simple|relaxed))?$/i.exec(dropFolds(text).toLowerCase());
  if (match === null) return undefined;
  const name = (part: string | undefined) => (part === "relaxed" ? "relaxed" : "simple");
  return { headerCanonicalization: name(match[1]), bodyCanonicalization: name(match[2]) } as const;
}

function parseNumbers(list: TagList) {
  const read = (tag: string) => {
    const text = list.get(tag);
    if (text === undefined) return undefined;
    return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  };
  const [bodyLength, signedAt, expiresAt] = [read("l"), read("t"), read("x")];
  if ([bodyLength, signedAt, expiresAt].some(Number.isNaN)) return undefined;
  return {
    bodyLength,
    signedAtMs: signedAt === undefined ? undefined : signedAt * 1000,
    expiresAtMs: expiresAt === undefined ? undefined : expiresAt * 1000,
  };
}
