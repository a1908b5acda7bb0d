import { parseTagList } from "./grammar/tag-list.ts";
import { findHostName, isWithin } from "./names.ts";

/** A policy of RFC 8461 §3.2. Plain data. */
export interface MtaStsPolicy {
  readonly mode: "enforce" | "testing" | "none";
  /** Patterns of host names in lower case: `mx.a.example`, `*.a.example`. */
  readonly mx: readonly string[];
  /** How long it holds, at most about a year. */
  readonly maxAgeSeconds: number;
}

/** What a cache keeps of a domain (RFC 8461 §5.1). */
export interface CachedMtaStsPolicy {
  readonly policy: MtaStsPolicy;
  /** `id` of the record that it was fetched for. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly fetchedAtMs: number;
}

/** Fetches `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`; gives the body, undefined if it fails. */
export type FetchMtaSts = (url: string) => Promise<string | undefined>;

/** RFC 8461 §3.2. */
const maxAgeSecondsMax = 31_557_600;
/** Longest policy that counts (RFC 8461 §3.2 lets senders choose), characters; MX lines of it. */
const limits = { length: 64 * 1024, mx: 1_000 };

/** The id of a `_mta-sts` TXT record (RFC 8461 §3.1); undefined unless exactly one is there. */
export function findMtaStsId(records: readonly string[]): string | undefined {
  const own = records.filter((text) => text.startsWith("v=STSv1;"));
  const id = own.length === 1 ? parseTagList(own[0] ?? "")?.get("id") : undefined;
  return id !== undefined && /^[A-Za-z0-9]{1,32}$/.test(id) ? id : undefined;
}

/** Reads a policy (RFC 8461 §3.2); undefined when it is malformed or lacks what it must have. */
export function parseMtaStsPolicy(text: string): MtaStsPolicy | undefined {
  if (text.length > limits.length) return undefined;
  const values = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const key = line.slice(0, colon).trim();
    if (colon < 0 || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/.test(key)) return undefined;
    const value = line.slice(colon + 1).trim();
    if (key === "mx") mx.push(value.toLowerCase());
    // Of a key that comes twice the first counts (§3.2).
    else if (!values.has(key)) values.set(key, value);
  }
  const mode = modes.find((each) => each === values.get("mode"));
  const age = values.get("max_age") ?? "";
  if (values.get("version") !== "STSv1" || mode === undefined) return undefined;
  if (!/^\d{1,10}$/.test(age) || mx.length > limits.mx || !mx.every(isPattern)) return undefined;
  if (mode !== "none" && mx.length === 0) return undefined;
  return { mode, mx, maxAgeSeconds: Math.min(Number(age), maxAgeSecondsMax) };
}

const modes = ["enforce", "testing", "none"] as const;

function isPattern(text: string): boolean {
  return findHostName(text.replace(/^\*\./, "")) !== undefined;
}

/** Whether a policy allows an MX host (RFC 8461 §4.1): `*` stands for exactly one label. */
export function matchesMtaSts(policy: MtaStsPolicy, host: string): boolean {
  const name = findHostName(host);
  if (name === undefined) return false;
  return policy.mx.some((pattern) => {
    if (!pattern.startsWith("*.")) return findHostName(pattern) === name;
    const rest = findHostName(pattern.slice(2));
    if (rest === undefined || name === rest || !isWithin(name, rest)) return false;
    return !name.slice(0, -rest.length - 1).includes(".");
  });
}

/** The policy as text to publish. */
export function formatMtaStsPolicy(policy: MtaStsPolicy): string {
  const mx = policy.mx.map((pattern) => `mx: ${pattern}\r\n`).join("");
  return `version: STSv1\r\nmode: ${policy.mode}\r\n${mx}max_age: ${policy.maxAgeSeconds}\r\n`;
}

/** What to do about a domain's policy. */
export type MtaStsState =
  | { readonly kind: "policy"; readonly cached: CachedMtaStsPolicy; readonly isFresh: boolean }
  | { readonly kind: "none"; readonly problem?: string };

/**
 * The policy that holds for a domain (RFC 8461 §3.3, §5.1): the cached one while its id is the one
 * that DNS names, else a new one; where DNS or the fetch fails, the cached one while it lives.
 * `records` are TXT records of `_mta-sts.DOMAIN`, undefined when DNS failed.
 */
export async function resolveMtaSts(
  domain: string,
  records: readonly string[] | undefined,
  cached: CachedMtaStsPolicy | undefined,
  fetchPolicy: FetchMtaSts,
  nowMs: number,
): Promise<MtaStsState> {
  const isAlive =
    cached !== undefined && cached.fetchedAtMs + cached.policy.maxAgeSeconds * 1000 > nowMs;
  const old: MtaStsState = isAlive ? { kind: "policy", cached, isFresh: false } : { kind: "none" };
  const id = records === undefined ? undefined : findMtaStsId(records);
  if (id === undefined || (isAlive && cached.id === id)) return old;
  const text = await fetchPolicy(`https://mta-sts.${domain}/.well-known/mta-sts.txt`);
  const policy = text === undefined ? undefined : parseMtaStsPolicy(text);
  if (policy !== undefined) {
    return { kind: "policy", cached: { policy, id, fetchedAtMs: nowMs }, isFresh: true };
  }
  if (isAlive) return old;
  const problem =
    text === undefined ? "the policy could not be fetched" : "the policy is malformed";
  return { kind: "none", problem };
}
