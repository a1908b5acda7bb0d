import type { DnsAnswer, DnsFailure, Resolver } from "../../net/resolver.ts";
import { findAsciiDomain, isWithin } from "../names.ts";
import type { SpfJudgement, SpfResult } from "../spf.ts";
import { matchesPrefix, parseAddress } from "./addresses.ts";
import { explainFail } from "./explain.ts";
import type { MacroString } from "./macros.ts";
import { expandName, usesLetters } from "./macros.ts";
import { createMacroValues } from "./macro-values.ts";
import { isSpfRecord, parseSpfRecord } from "./parse-record.ts";
import type { SpfDirective, SpfMechanism, SpfRecord } from "./terms.ts";
import { findValidatedNames } from "./validated-names.ts";

/** All that a check knows from the start. */
export interface SpfFacts {
  readonly resolver: Resolver;
  readonly receiver: string;
  readonly nowMs: number;
  readonly address: Uint8Array;
  readonly helo: string;
  readonly local: string;
  /** Of the sender, in A-labels. */
  readonly domain: string;
}

type Outcome = Pick<SpfJudgement, "result" | "matched" | "lookups" | "problem" | "explanation">;

/** RFC 7208 §4.6.4. */
const limits = { termsMax: 10, voidLookupsMax: 2, mxMax: 10, recordLengthMax: 16_384 };

/** Ends a check at once, from any depth. */
class SpfStop extends Error {
  override name = "SpfStop";
  readonly result: "temperror" | "permerror";

  constructor(result: "temperror" | "permerror", problem: string) {
    super(problem);
    this.result = result;
  }
}

interface Verdict {
  readonly result: SpfResult;
  readonly matched: readonly string[];
  /** Where an explanation may be: the record that matched, and its domain. */
  readonly record?: SpfRecord;
  readonly domain: string;
}

/** One check with its counters; to be called once. */
export function createSpfCheck(facts: SpfFacts): () => Promise<Outcome> {
  const { resolver, address } = facts;
  let terms = 0;
  let voidLookups = 0;
  const values = createMacroValues(facts);

  /** Counts a term that asks DNS. */
  const countTerm = () => {
    if (++terms > limits.termsMax) stop("permerror", "more than 10 terms that ask DNS");
  };
  const countVoid = () => {
    if (++voidLookups > limits.voidLookupsMax) {
      stop("permerror", "more than 2 lookups that found nothing");
    }
  };
  const expand = async (spec: MacroString | undefined, domain: string) => {
    if (spec === undefined) return domain;
    return expandName(spec, (letter) => values(letter, domain));
  };
  const addressesOf = async (name: string, isIpv6 = address.length === 16) =>
    recordsOf(name, await (isIpv6 ? resolver.aaaa(name) : resolver.a(name)));

  /** RFC 7208 §4.4 to §4.7 for one domain. */
  const checkDomain = async (domain: string): Promise<Verdict> => {
    const text = await findRecord(resolver, domain);
    if (text === undefined) return { result: "none", matched: [], domain };
    const parsed = parseSpfRecord(text);
    if (parsed.kind === "malformed") {
      return stop("permerror", `${domain} has a wrong term: ${printable(parsed.term)}`);
    }
    const { record } = parsed;
    for (const directive of record.directives) {
      const inner = await match(directive, domain);
      if (inner === undefined) continue;
      return { result: directive.qualifier, matched: [directive.text, ...inner], record, domain };
    }
    if (record.redirect === undefined) return { result: "neutral", matched: [], record, domain };
    countTerm();
    const target = await expand(record.redirect, domain);
    const verdict = await checkDomain(target);
    if (verdict.result === "none") stop("permerror", `redirect to ${target}, which has no record`);
    return { ...verdict, matched: [`redirect=${target}`, ...verdict.matched] };
  };

  /** The terms inside that led to a match; undefined when it does not match. */
  const match = async (
    { mechanism }: SpfDirective,
    domain: string,
  ): Promise<readonly string[] | undefined> => {
    // RFC 8616 §4: what would need a local part outside ASCII matches nothing.
    if (isUnspeakable(mechanism, facts.local)) return undefined;
    switch (mechanism.kind) {
      case "all":
        return [];
      case "ip4":
      case "ip6":
        return matchesPrefix(address, mechanism.address, mechanism.bits) ? [] : undefined;
      case "include":
        return include(mechanism.domain, domain);
      case "ptr":
        return (await matchesPtr(mechanism.domain, domain)) ? [] : undefined;
      case "a":
      case "mx":
        return (await matchesHosts(mechanism, domain)) ? [] : undefined;
      case "exists":
        return (await exists(mechanism.domain, domain)) ? [] : undefined;
    }
  };

  /** RFC 7208 §5.2. */
  const include = async (spec: MacroString, domain: string) => {
    countTerm();
    const target = await expand(spec, domain);
    const { result, matched } = await checkDomain(target);
    if (result === "none") stop("permerror", `include of ${target}, which has no record`);
    return result === "pass" ? matched : undefined;
  };

  /** RFC 7208 §5.7: an IPv4 address is asked for whatever the client has. */
  const exists = async (spec: MacroString, domain: string): Promise<boolean> => {
    countTerm();
    const found = await addressesOf(await expand(spec, domain), false);
    if (found.length === 0) countVoid();
    return found.length > 0;
  };

  /** RFC 7208 §5.3, §5.4. A term counts as void once, when none of its questions found any. */
  const matchesHosts = async (
    mechanism: SpfMechanism & { kind: "a" | "mx" },
    domain: string,
  ): Promise<boolean> => {
    countTerm();
    const target = await expand(mechanism.domain, domain);
    const names = mechanism.kind === "a" ? [target] : await exchangesOf(target);
    const bits = address.length === 4 ? mechanism.bits4 : mechanism.bits6;
    let isVoid = true;
    for (const name of names) {
      const found = await addressesOf(name);
      if (found.length > 0) isVoid = false;
      if (found.some((each) => isInNetwork(address, each, bits))) return true;
    }
    if (isVoid) countVoid();
    return false;
  };

  const exchangesOf = async (target: string): Promise<readonly string[]> => {
    const records = recordsOf(target, await resolver.mx(target));
    if (records.length > limits.mxMax) stop("permerror", `${target} has more than 10 MX records`);
    return records.map(({ exchange }) => exchange).filter((exchange) => exchange !== "");
  };

  /** RFC 7208 §5.5: an error in DNS is no match. */
  const matchesPtr = async (spec: MacroString | undefined, domain: string) => {
    countTerm();
    const target = findAsciiDomain(await expand(spec, domain));
    const { names, isVoid } = await findValidatedNames(resolver, address);
    if (isVoid) countVoid();
    return target !== undefined && names.some((name) => isWithin(name, target));
  };

  return async () => {
    try {
      const { record, domain, ...verdict } = await checkDomain(facts.domain);
      const plain = { ...verdict, lookups: terms };
      if (verdict.result === "none") return { ...plain, problem: `${domain} has no SPF record` };
      const explanation =
        verdict.result === "fail"
          ? await explainFail(record?.exp, resolver, facts.local, (letter) =>
              values(letter, domain),
            )
          : undefined;
      return explanation === undefined ? plain : { ...plain, explanation };
    } catch (error) {
      if (!(error instanceof SpfStop)) throw error;
      return { result: error.result, matched: [], lookups: terms, problem: error.message };
    }
  };
}

function stop(result: "temperror" | "permerror", problem: string): never {
  throw new SpfStop(result, problem);
}

/** RFC 7208 §4.4, §4.5. */
async function findRecord(resolver: Resolver, domain: string): Promise<string | undefined> {
  const ascii = findAsciiDomain(domain);
  if (ascii === undefined) return undefined;
  const records = recordsOf(ascii, await resolver.txt(ascii)).filter(isSpfRecord);
  const [record] = records;
  if (records.length > 1) stop("permerror", `${ascii} has ${records.length} SPF records`);
  if ((record?.length ?? 0) > limits.recordLengthMax) {
    stop("permerror", `the SPF record of ${ascii} is longer than any that counts`);
  }
  return record;
}

/** Records, none when there are none; a failure of DNS ends the check (RFC 7208 §5). */
function recordsOf<Record>(name: string, answer: DnsAnswer<Record>): readonly Record[] {
  if (answer.kind === "found") return answer.records;
  if (isAbsence(answer.failure)) return [];
  return stop("temperror", `DNS ${failureWords[answer.failure]} for ${printable(name)}`);
}

const failureWords = { timeout: "gave no answer in time", serverFailure: "failed", off: "is off" };

function isAbsence(failure: DnsFailure): failure is "notFound" | "noData" {
  return failure === "notFound" || failure === "noData";
}

function isInNetwork(address: Uint8Array, text: string, bits: number): boolean {
  const other = parseAddress(text);
  return other !== undefined && matchesPrefix(address, other, bits);
}

function isUnspeakable(mechanism: SpfMechanism, local: string): boolean {
  if (/^[\x20-\x7e]*$/.test(local) || !("domain" in mechanism)) return false;
  return mechanism.domain !== undefined && usesLetters(mechanism.domain, "sl");
}

/** What the record of a stranger says, fit for a log line. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
