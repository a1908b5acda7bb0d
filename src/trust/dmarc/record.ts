import { parseTagList } from "../grammar/tag-list.ts";

/** RFC 9989 §4.7: what a domain asks to be done with mail that fails. */
export type DmarcPolicy = "none" | "quarantine" | "reject";

/** A policy record with its defaults filled in. Plain data. */
export interface DmarcRecord {
  readonly policy: DmarcPolicy;
  /** Of existing subdomains; as `policy` when absent. */
  readonly subdomainPolicy?: DmarcPolicy;
  /** Of names that do not exist; as of subdomains when absent. */
  readonly nonexistentPolicy?: DmarcPolicy;
  readonly dkimAlignment: "relaxed" | "strict";
  readonly spfAlignment: "relaxed" | "strict";
  /** `t=y`: the policy is being tested and not to be applied. */
  readonly isTesting: boolean;
  /** `psd`: a public suffix, no public suffix but an organization, or not said. */
  readonly suffix: "yes" | "no" | "unknown";
  /** URIs that aggregate reports go to, as written, without the obsolete size. */
  readonly aggregateReportUris: readonly string[];
  readonly failureReportUris: readonly string[];
  /** `fo`: when failure reports are wanted; `0` by default. */
  readonly failureOptions: readonly string[];
}

const policies: ReadonlyMap<string, DmarcPolicy> = new Map([
  ["none", "none"],
  ["quarantine", "quarantine"],
  ["reject", "reject"],
]);
const suffixes: ReadonlyMap<string, DmarcRecord["suffix"]> = new Map([
  ["y", "yes"],
  ["n", "no"],
]);
/** URIs of one record that count. */
const urisMax = 10;

/** RFC 9989 §4.7: whether a TXT record is meant as a policy record. */
export function isDmarcRecord(text: string): boolean {
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);
}

/**
 * Reads a policy record (RFC 9989 §4.7, §4.8); unknown tags and wrong values of optional ones are
 * passed over. Undefined when it is no record, or has no policy that can be applied (§4.10.1).
 */
export function parseDmarcRecord(text: string): DmarcRecord | undefined {
  if (!isDmarcRecord(text)) return undefined;
  const tags = parseLoosely(text);
  const aggregateReportUris = parseUris(tags.get("rua"));
  const named = (tag: string) => policies.get(tags.get(tag)?.toLowerCase() ?? "");
  const isWrong = ["p", "sp", "np"].some((tag) => tags.has(tag) && named(tag) === undefined);
  if (isWrong && aggregateReportUris.length === 0) return undefined;
  const [subdomainPolicy, nonexistentPolicy] = [named("sp"), named("np")];
  const alignment = (tag: string) => (tags.get(tag)?.toLowerCase() === "s" ? "strict" : "relaxed");
  return {
    policy: isWrong ? "none" : (named("p") ?? "none"),
    ...(isWrong || subdomainPolicy === undefined ? {} : { subdomainPolicy }),
    ...(isWrong || nonexistentPolicy === undefined ? {} : { nonexistentPolicy }),
    dkimAlignment: alignment("adkim"),
    spfAlignment: alignment("aspf"),
    isTesting: tags.get("t")?.toLowerCase() === "y",
    suffix: suffixes.get(tags.get("psd")?.toLowerCase() ?? "") ?? "unknown",
    aggregateReportUris,
    failureReportUris: parseUris(tags.get("ruf")),
    failureOptions: parseOptions(tags.get("fo")),
  };
}

/** RFC 9989 §4.7: a syntax error costs the tag that has it, not the record. */
function parseLoosely(text: string): ReadonlyMap<string, string> {
  const whole = parseTagList(text);
  if (whole !== undefined) return whole;
  const tags = new Map<string, string>();
  for (const piece of text.split(";", 100)) {
    for (const [tag, value] of parseTagList(piece) ?? []) {
      if (!tags.has(tag)) tags.set(tag, value);
    }
  }
  return tags;
}

/** RFC 9989 §4.6. A size behind "!" is obsolete and dropped. */
function parseUris(text = ""): readonly string[] {
  return text
    .split(",", urisMax)
    .map((uri) => uri.trim().replace(/![0-9]+[kmgt]?$/i, ""))
    .filter((uri) => /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(uri));
}

function parseOptions(text = "0"): readonly string[] {
  const options = text
    .toLowerCase()
    .split(":", 8)
    .map((option) => option.trim())
    .filter((option) => /^[01ds]$/.test(option));
  return options.length === 0 ? ["0"] : [...new Set(options)];
}
