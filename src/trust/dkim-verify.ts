import { timingSafeEqual } from "node:crypto";
import type { HeaderField } from "../message/headers.ts";
import { rawValue } from "../message/headers.ts";
import type { Resolver } from "../net/resolver.ts";
import type { BodyHash } from "./dkim/body-hash.ts";
import { signedBytes } from "./dkim/header-hash.ts";
import { findKeys, verifiesWith } from "./dkim/public-key.ts";
import { parseSignature } from "./dkim/signature-tags.ts";
import type { SignatureTags } from "./dkim/signature-tags.ts";
import type { MessageView } from "./message-view.ts";

/** RFC 8601 §2.7.1, without `none`: a message without signatures has an empty list. */
export type DkimResult = "pass" | "fail" | "policy" | "neutral" | "temperror" | "permerror";

/** What one signature is worth. Plain data. */
export interface DkimSignatureJudgement {
  readonly result: DkimResult;
  /** Why it is no pass, for people. */
  readonly problem?: string;
  /** `d=` in A-labels; empty when the field is malformed. */
  readonly domain: string;
  readonly selector: string;
  /** `i=`. */
  readonly identity: string;
  readonly algorithm: string;
  /** First characters of `b=`, to tell signatures apart (RFC 6008 §4). */
  readonly signatureStart: string;
  /** Names of `h=` in lower case. */
  readonly signedNames: readonly string[];
  /** Bytes at the end of the canonical body that `l=` leaves unsigned: anybody may have added them. */
  readonly unsignedBodyBytes: number;
  readonly keyBits?: number;
  /** The owner says that the key is being tested: a failure means nothing. */
  readonly isTesting: boolean;
}

export interface DkimJudgement {
  readonly signatures: readonly DkimSignatureJudgement[];
  /** Signatures beyond the limit, which nobody looked at. */
  readonly ignoredCount: number;
}

export interface DkimContext {
  readonly resolver: Resolver;
  /** Milliseconds since 1970, for `t=` and `x=`. */
  readonly nowMs: number;
  readonly signaturesMax?: number;
}

/** Enough for author, provider, list and forwarder, twice with two algorithms. */
const signaturesMaxDefault = 8;
/** Clocks of senders may be ahead by so much, milliseconds. */
const clockSkewMs = 24 * 3_600_000;

/**
 * Judges the signatures of a message (RFC 6376 §6). Never throws. Costs one DNS question and one
 * verification for each signature, and one pass over the body for each way to read it.
 */
export async function verifyDkim(view: MessageView, context: DkimContext): Promise<DkimJudgement> {
  const fields = view.fieldsNamed("dkim-signature");
  const looked = fields.slice(0, context.signaturesMax ?? signaturesMaxDefault);
  const signatures = await Promise.all(looked.map((field) => judgeField(view, field, context)));
  return { signatures, ignoredCount: fields.length - looked.length };
}

async function judgeField(
  view: MessageView,
  field: HeaderField,
  context: DkimContext,
): Promise<DkimSignatureJudgement> {
  const parsed = parseSignature(rawValue(view.header, field), "dkim");
  if (parsed.kind === "malformed") return malformed(parsed.problem);
  const { tags } = parsed;
  const judged = await judgeTags(view, tags, view.fieldText(field), context);
  const body = view.findBodyHash(tags.bodyCanonicalization, tags.bodyLength);
  return {
    domain: tags.domain,
    selector: tags.selector,
    identity: printable(tags.identity),
    algorithm: printable(tags.algorithm),
    signatureStart: tags.signatureText.slice(0, 8),
    signedNames: tags.signedNames,
    unsignedBodyBytes: unsignedBytes(body, tags.bodyLength),
    isTesting: false,
    ...judged,
  };
}

function unsignedBytes(body: BodyHash | undefined, signed: number | undefined): number {
  return body === undefined || signed === undefined ? 0 : Math.max(0, body.canonicalBytes - signed);
}

type Judged = Pick<DkimSignatureJudgement, "result" | "problem" | "keyBits"> & {
  readonly isTesting?: boolean;
};

/** RFC 6376 §6.1.1 to §6.1.3: what costs least is looked at first. */
async function judgeTags(
  view: MessageView,
  tags: SignatureTags,
  fieldText: string,
  context: DkimContext,
): Promise<Judged> {
  const refused = refuseTags(view, tags, context.nowMs);
  if (refused !== undefined) return refused;
  const body = view.findBodyHash(tags.bodyCanonicalization, tags.bodyLength);
  if (body === undefined) return { result: "policy", problem: "too many ways to hash the body" };
  if (tags.bodyLength !== undefined && tags.bodyLength > body.canonicalBytes) {
    return { result: "permerror", problem: "l= is more than the body has" };
  }
  const isSameBody = equalBytes(body.digest, tags.bodyHash);
  const type = tags.algorithm.startsWith("rsa") ? "rsa" : "ed25519";
  const found = await findKeys(context.resolver, tags.selector, tags.domain, type);
  if (found.kind === "none") return found;
  const keys = found.keys.filter((key) => !key.isStrict || tags.identityDomain === tags.domain);
  const [first] = keys;
  if (first === undefined) return { result: "permerror", problem: "i= must have the domain of d=" };
  const facts = { keyBits: first.bits, isTesting: keys.some(({ isTesting }) => isTesting) };
  if (!isSameBody) return failed("the body was changed", facts);
  const data = signedBytes(view, tags.signedNames, fieldText, tags.headerCanonicalization);
  const fitting = keys.find((key) => verifiesWith(key, data, tags.signature));
  if (fitting === undefined) return failed("the signature does not fit the header", facts);
  return { result: "pass", keyBits: fitting.bits, isTesting: fitting.isTesting };
}

/** RFC 6376 §3.6.1 `t=y`: a failure in testing mode is as if there were no signature. */
function failed(problem: string, facts: { keyBits: number; isTesting: boolean }): Judged {
  return { result: facts.isTesting ? "neutral" : "fail", problem, ...facts };
}

/** What can be said without DNS and without hashing. */
function refuseTags(view: MessageView, tags: SignatureTags, nowMs: number): Judged | undefined {
  const { algorithm, signedAtMs, expiresAtMs } = tags;
  // RFC 8301 §3.1: rsa-sha1 is neither signed nor verified any more.
  if (algorithm === "rsa-sha1") return { result: "policy", problem: "rsa-sha1 proves nothing" };
  if (algorithm !== "rsa-sha256" && algorithm !== "ed25519-sha256") {
    return { result: "neutral", problem: "the algorithm is unknown" };
  }
  if (!tags.signedNames.includes("from")) {
    return { result: "permerror", problem: "From is not signed" };
  }
  if (view.headerFault !== undefined) return { result: "permerror", problem: view.headerFault };
  if (expiresAtMs !== undefined) {
    if (expiresAtMs < nowMs) return { result: "permerror", problem: "the signature has expired" };
    if (signedAtMs !== undefined && expiresAtMs <= signedAtMs) {
      return { result: "permerror", problem: "x= is not after t=" };
    }
  }
  if (signedAtMs !== undefined && signedAtMs > nowMs + clockSkewMs) {
    return { result: "permerror", problem: "the signature is from the future" };
  }
  return undefined;
}

function malformed(problem: string): DkimSignatureJudgement {
  return {
    result: "neutral",
    problem,
    domain: "",
    selector: "",
    identity: "",
    algorithm: "",
    signatureStart: "",
    signedNames: [],
    unsignedBodyBytes: 0,
    isTesting: false,
  };
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 320);
}
