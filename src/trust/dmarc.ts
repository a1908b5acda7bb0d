import { flattenAddresses, parseAddressList } from "../message/addresses.ts";
import { fromLatin1 } from "../base/bytes.ts";
import { rawValue } from "../message/headers.ts";
import type { Resolver } from "../net/resolver.ts";
import type { DkimSignatureJudgement } from "./dkim-verify.ts";
import type { DmarcPolicy, DmarcRecord } from "./dmarc/record.ts";
import type { FoundRecord } from "./dmarc/tree-walk.ts";
import { organizationalDomain, walkTree } from "./dmarc/tree-walk.ts";
import type { MessageView } from "./message-view.ts";
import { findHostName } from "./names.ts";
import type { SpfJudgement } from "./spf.ts";

export type { DmarcPolicy, DmarcRecord } from "./dmarc/record.ts";

/** RFC 8601 §2.7, RFC 9989 §5.3. */
export type DmarcResult = "none" | "pass" | "fail" | "temperror" | "permerror";

/** Plain data. */
export interface DmarcJudgement {
  readonly result: DmarcResult;
  /** Why there is no verdict, for people. */
  readonly problem?: string;
  /** The domain of From in A-labels; empty when there is not exactly one. */
  readonly authorDomain: string;
  /** Where the record was found, with the record. */
  readonly recordDomain?: string;
  readonly record?: DmarcRecord;
  /** What the record asks for mail of this author that fails, and which tag says so. */
  readonly policy?: DmarcPolicy;
  readonly policyTag?: "p" | "sp" | "np";
  /** What it asks for this very message: `none` unless it fails, and while the owner is testing. */
  readonly disposition: DmarcPolicy;
  /** Domains that passed and belong to the author: what the result rests on. */
  readonly alignedSpf?: string;
  readonly alignedDkim: readonly string[];
}

type Identifiers = {
  readonly spf: SpfJudgement;
  readonly dkim: readonly DkimSignatureJudgement[];
};

/**
 * Judges whether the domain that readers see in From vouches for a message (RFC 9989), from what
 * SPF and DKIM found. Never throws. Asks DNS for at most eight names for each domain concerned.
 */
export async function judgeDmarc(
  view: MessageView,
  identifiers: Identifiers,
  resolver: Resolver,
): Promise<DmarcJudgement> {
  const author = findAuthorDomain(view);
  const nothing = { alignedDkim: [], disposition: "none" } as const;
  if (author.kind === "unclear") {
    return { ...nothing, result: "permerror", problem: author.problem, authorDomain: "" };
  }
  const base = { ...nothing, authorDomain: author.domain };
  const walk = await walkTree(resolver, author.domain);
  if (walk.kind === "failed") return { ...base, result: "temperror", problem: walk.problem };
  const chosen = chooseRecord(author.domain, walk.found);
  if (chosen === undefined) return { ...base, result: "none", problem: "no DMARC record" };
  const { record, domain: recordDomain } = chosen;
  const rule = await choosePolicy(author.domain, chosen, resolver);
  const organization = organizationalDomain(author.domain, walk.found);
  const align = createAligner(author.domain, organization, resolver);
  const aligned = await alignAll(align, identifiers, record);
  const found = { ...base, record, recordDomain, ...rule };
  if (aligned.spf !== undefined || aligned.dkim.length > 0) {
    const spf = aligned.spf === undefined ? {} : { alignedSpf: aligned.spf };
    return { ...found, ...spf, result: "pass", alignedDkim: aligned.dkim };
  }
  if (aligned.problem !== undefined) {
    return { ...found, result: "temperror", problem: aligned.problem };
  }
  return { ...found, result: "fail", disposition: record.isTesting ? "none" : rule.policy };
}

/** RFC 9989 §5.3.1: exactly one domain, however many addresses. */
function findAuthorDomain(view: MessageView) {
  const unclear = (problem: string) => ({ kind: "unclear", problem }) as const;
  const fields = view.fieldsNamed("from");
  const [field] = fields;
  if (field === undefined) return unclear("there is no From");
  if (fields.length > 1) return unclear(`there are ${fields.length} From fields`);
  const addresses = flattenAddresses(parseAddressList(fromLatin1(rawValue(view.header, field))));
  const domains = new Set(addresses.map(({ domain }) => findHostName(domain)));
  const [domain] = domains;
  if (domains.size > 1) return unclear("From has several domains");
  return domain === undefined ? unclear("From has no domain") : ({ kind: "one", domain } as const);
}

/** RFC 9989 §4.10.1: of the author, else of its organization, else of its public suffix. */
function chooseRecord(author: string, found: readonly FoundRecord[]): FoundRecord | undefined {
  const organization = organizationalDomain(author, found);
  const at = (domain: string) => found.find((each) => each.domain === domain);
  return at(author) ?? at(organization) ?? found.at(-1);
}

async function choosePolicy(author: string, { domain, record }: FoundRecord, resolver: Resolver) {
  const { policy, subdomainPolicy, nonexistentPolicy } = record;
  if (domain === author) return { policy, policyTag: "p" } as const;
  if (nonexistentPolicy !== undefined && (await isNonexistent(author, resolver))) {
    return { policy: nonexistentPolicy, policyTag: "np" } as const;
  }
  if (subdomainPolicy !== undefined) return { policy: subdomainPolicy, policyTag: "sp" } as const;
  return { policy, policyTag: "p" } as const;
}

/** RFC 9989 §3.2.13, RFC 8020 §2: a name that DNS denies. */
async function isNonexistent(domain: string, resolver: Resolver): Promise<boolean> {
  const answer = await resolver.a(domain);
  return answer.kind === "none" && answer.failure === "notFound";
}

type Aligner = (domain: string, mode: "relaxed" | "strict") => Promise<boolean | string>;

/** Tells whether a domain belongs to the author (RFC 9989 §4.4), or why that cannot be told. */
function createAligner(author: string, organization: string, resolver: Resolver): Aligner {
  const known = new Map<string, Promise<boolean | string>>();
  const judge = async (domain: string): Promise<boolean | string> => {
    // Two domains of one organization have its name in common, and no organization is one label.
    if (sharedLabels(domain, author) < 2) return false;
    const walk = await walkTree(resolver, domain);
    if (walk.kind === "failed") return walk.problem;
    return organizationalDomain(domain, walk.found) === organization;
  };
  return (domain, mode) => {
    if (domain === author) return Promise.resolve(true);
    if (mode === "strict") return Promise.resolve(false);
    const asked = known.get(domain) ?? judge(domain);
    known.set(domain, asked);
    return asked;
  };
}

function sharedLabels(one: string, other: string): number {
  const left = one.split(".");
  const right = other.split(".");
  let count = 0;
  while (count < left.length && left.at(-1 - count) === right.at(-1 - count)) count++;
  return count;
}

/** RFC 9989 §5.3.2: where only a temporary error stands against a pass, nothing is certain. */
async function alignAll(align: Aligner, { spf, dkim }: Identifiers, record: DmarcRecord) {
  let problem: string | undefined;
  const isAligned = async (domain: string, mode: "relaxed" | "strict", result: string) => {
    if (domain === "" || (result !== "pass" && result !== "temperror")) return false;
    const answer = await align(domain, mode);
    if (typeof answer === "string") problem = answer;
    if (answer === true && result === "temperror") problem = `${domain} could not be checked`;
    return answer === true && result === "pass";
  };
  const isSpfAligned = await isAligned(spf.domain, record.spfAlignment, spf.result);
  const passed = new Set<string>();
  for (const { domain, result, unsignedBodyBytes } of dkim) {
    // RFC 6376 §8.2: whoever added what is not signed may have written all that a reader sees.
    if (unsignedBodyBytes > 0) continue;
    if (await isAligned(domain, record.dkimAlignment, result)) passed.add(domain);
  }
  return { spf: isSpfAligned ? spf.domain : undefined, dkim: [...passed], problem };
}
