import { fromLatin1 } from "../base/bytes.ts";
import type { HeaderField } from "../message/headers.ts";
import { rawValue } from "../message/headers.ts";
import type { Resolver } from "../net/resolver.ts";
import type { ArcSet } from "./arc/sets.ts";
import { findArcSets } from "./arc/sets.ts";
import { canonicalField, signedBytes, withoutSignature } from "./dkim/header-hash.ts";
import { findKeys, verifiesWith } from "./dkim/public-key.ts";
import { parseSignature } from "./dkim/signature-tags.ts";
import { parseBase64, parseTagList } from "./grammar/tag-list.ts";
import type { MessageView } from "./message-view.ts";
import { findAsciiDomain, findHostName } from "./names.ts";

/** RFC 8617 §5.2, and what DNS may leave open. Plain data. */
export interface ArcJudgement {
  readonly result: "none" | "pass" | "fail" | "temperror";
  readonly problem?: string;
  /** Who sealed, first to last, as far as the chain could be read. */
  readonly sealers: readonly string[];
  /** First set whose message signature still fits (`arc.oldest-pass`); 0 when that of all does. */
  readonly oldestPass: number;
}

type Step = { readonly result: "pass" | "fail" | "temperror"; readonly problem?: string };

/**
 * Judges the chain of an Authenticated Received Chain (RFC 8617 §5.2). Never throws. Costs a DNS
 * question for each sealer, at most 50 sets.
 */
export async function verifyArc(view: MessageView, resolver: Resolver): Promise<ArcJudgement> {
  const found = findArcSets(view);
  if (found.kind === "malformed") return failed(found.problem);
  const { sets } = found;
  const last = sets.at(-1);
  if (last === undefined) return { result: "none", sealers: [], oldestPass: 0 };
  if (view.headerFault !== undefined) return failed(view.headerFault);
  const seals = sets.map(({ seal }) => readSeal(rawValue(view.header, seal)));
  const sealers = seals.map((seal) => seal?.domain ?? "");
  const wrong = seals.findIndex(
    (seal, at) => seal === undefined || seal.status !== (at === 0 ? "none" : "pass"),
  );
  if (wrong >= 0) return { ...failed(`the seal of set ${wrong + 1} says no pass`), sealers };
  const newest = await verifyMessageSignature(view, last.signature, resolver);
  if (newest.result !== "pass") return { ...newest, sealers, oldestPass: 0 };
  const steps = await Promise.all(
    sets.map((_, at) => verifySeal(view, sets.slice(0, at + 1), resolver)),
  );
  const bad = steps.find(({ result }) => result === "fail") ?? steps.find(isNoPass);
  if (bad !== undefined) return { ...bad, sealers, oldestPass: 0 };
  return { result: "pass", sealers, oldestPass: await findOldestPass(view, sets, resolver) };
}

function isNoPass({ result }: Step): boolean {
  return result !== "pass";
}

function failed(problem: string): ArcJudgement {
  return { result: "fail", problem, sealers: [], oldestPass: 0 };
}

/** RFC 8617 §4.1.3: the tags of an ARC-Seal; a list of signed fields has no place in it. */
export function readSeal(value: string) {
  const list = parseTagList(value);
  const domain = findHostName(list?.get("d") ?? "");
  const selector = findAsciiDomain(list?.get("s") ?? "");
  const signature = parseBase64(list?.get("b") ?? "");
  const status = list?.get("cv")?.toLowerCase();
  if (list === undefined || list.has("h") || signature === undefined) return undefined;
  if (domain === undefined || selector === undefined) return undefined;
  return { domain, selector, signature, status, algorithm: list.get("a")?.toLowerCase() ?? "" };
}

/** RFC 8617 §5.1.1: what a seal covers: all sets up to its own, its own last with no signature. */
export function sealedBytes(
  fieldText: (field: HeaderField) => string,
  sets: readonly ArcSet[],
): Uint8Array {
  const texts = sets.flatMap(({ results, signature, seal }, at) => {
    const own = fieldText(seal);
    const isLast = at === sets.length - 1;
    return [fieldText(results), fieldText(signature), isLast ? withoutSignature(own) : own];
  });
  return fromLatin1(texts.map((text) => canonicalField(text, "relaxed")).join("\r\n"));
}

async function verifySeal(
  view: MessageView,
  sets: readonly ArcSet[],
  resolver: Resolver,
): Promise<Step> {
  const set = sets.at(-1);
  const seal = set && readSeal(rawValue(view.header, set.seal));
  if (set === undefined || seal === undefined) return { result: "fail", problem: "no seal" };
  const name = `the seal of ${seal.domain}`;
  return verifyWith(name, seal, seal.signature, () => sealedBytes(view.fieldText, sets), resolver);
}

/** RFC 8617 §4.1.2: as a DKIM signature, with an instance where DKIM has an identity. */
async function verifyMessageSignature(
  view: MessageView,
  field: HeaderField,
  resolver: Resolver,
): Promise<Step> {
  const parsed = parseSignature(rawValue(view.header, field), "arc");
  if (parsed.kind === "malformed") return { result: "fail", problem: parsed.problem };
  const { tags } = parsed;
  if (tags.signedNames.includes("arc-seal")) {
    return { result: "fail", problem: "a message signature covers seals" };
  }
  const body = view.findBodyHash(tags.bodyCanonicalization, tags.bodyLength);
  if (body === undefined) return { result: "fail", problem: "too many ways to hash the body" };
  if (!Buffer.from(body.digest).equals(tags.bodyHash)) {
    return { result: "fail", problem: "the body was changed" };
  }
  const data = () =>
    signedBytes(view, tags.signedNames, view.fieldText(field), tags.headerCanonicalization);
  return verifyWith(`the signature of ${tags.domain}`, tags, tags.signature, data, resolver);
}

async function verifyWith(
  name: string,
  key: { readonly domain: string; readonly selector: string; readonly algorithm: string },
  signature: Uint8Array,
  data: () => Uint8Array,
  resolver: Resolver,
): Promise<Step> {
  if (key.algorithm !== "rsa-sha256" && key.algorithm !== "ed25519-sha256") {
    return { result: "fail", problem: `${name} has an unknown algorithm` };
  }
  const type = key.algorithm === "rsa-sha256" ? "rsa" : "ed25519";
  const found = await findKeys(resolver, key.selector, key.domain, type);
  if (found.kind === "none") {
    const result = found.result === "temperror" ? "temperror" : "fail";
    return { result, problem: `${name}: ${found.problem}` };
  }
  const bytes = data();
  const isGood = found.keys.some((each) => verifiesWith(each, bytes, signature));
  return isGood ? { result: "pass" } : { result: "fail", problem: `${name} does not fit` };
}

/** RFC 8617 §5.2 step 5: how far back the message signatures still fit; a few sets are looked at. */
async function findOldestPass(
  view: MessageView,
  sets: readonly ArcSet[],
  resolver: Resolver,
): Promise<number> {
  const looked = sets.slice(0, -1).slice(-10).toReversed();
  let oldest = sets.length;
  for (const { instance, signature } of looked) {
    const { result } = await verifyMessageSignature(view, signature, resolver);
    if (result !== "pass") break;
    oldest = instance;
  }
  return oldest === 1 ? 0 : oldest;
}
