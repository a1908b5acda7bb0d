import { parseIpv4Bytes, parseIpv6Bytes } from "./addresses.ts";
import type { MacroString } from "./macros.ts";
import { parseMacros } from "./macros.ts";
import type { SpfDirective, SpfMechanism, SpfQualifier, SpfRecord } from "./terms.ts";

/** A record that is read, or the term that is wrong. */
export type ParsedSpf =
  | { readonly kind: "record"; readonly record: SpfRecord }
  | { readonly kind: "malformed"; readonly term: string };

const qualifiers: ReadonlyMap<string, SpfQualifier> = new Map([
  ["+", "pass"],
  ["-", "fail"],
  ["~", "softfail"],
  ["?", "neutral"],
]);

/** RFC 7208 §4.5: whether a TXT record is meant as an SPF record. */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Reads a whole record (RFC 7208 §4.6, §12): a wrong term anywhere makes all of it wrong. */
export function parseSpfRecord(text: string): ParsedSpf {
  const directives: SpfDirective[] = [];
  const modifiers = new Map<string, MacroString>();
  for (const term of text.slice("v=spf1".length).split(" ")) {
    if (term === "") continue;
    const modifier = /^([A-Za-z][A-Za-z0-9\-_.]*)=/.exec(term);
    const isGood =
      modifier === null
        ? addDirective(directives, term)
        : addModifier(modifiers, modifier[1] ?? "", term);
    if (!isGood) return { kind: "malformed", term };
  }
  const redirect = modifiers.get("redirect");
  return { kind: "record", record: { directives, redirect, exp: modifiers.get("exp") } };
}

/** RFC 7208 §6: redirect and exp at most once; others are known by their form only. */
function addModifier(modifiers: Map<string, MacroString>, name: string, term: string): boolean {
  const lower = name.toLowerCase();
  const value = term.slice(name.length + 1);
  if (lower !== "redirect" && lower !== "exp") return parseMacros(value) !== undefined;
  const domain = parseDomainSpec(value);
  if (domain === undefined || modifiers.has(lower)) return false;
  modifiers.set(lower, domain);
  return true;
}

function addDirective(directives: SpfDirective[], term: string): boolean {
  const qualifier = qualifiers.get(term.charAt(0));
  const mechanism = parseMechanism(qualifier === undefined ? term : term.slice(1));
  if (mechanism === undefined) return false;
  directives.push({ qualifier: qualifier ?? "pass", mechanism, text: term });
  return true;
}

function parseMechanism(text: string): SpfMechanism | undefined {
  const cidrStart = findCidr(text);
  const cidr = text.slice(cidrStart);
  const colon = text.indexOf(":");
  const hasValue = colon >= 0 && colon < cidrStart;
  const name = text.slice(0, hasValue ? colon : cidrStart);
  const value = hasValue ? text.slice(colon + 1, cidrStart) : undefined;
  switch (name.toLowerCase()) {
    case "all":
      return value === undefined && cidr === "" ? { kind: "all" } : undefined;
    case "include":
      return parseNamed("include", `${value ?? ""}${cidr}`);
    case "exists":
      return parseNamed("exists", `${value ?? ""}${cidr}`);
    case "ptr":
      return parsePtr(value, cidr);
    case "a":
      return parseHosts("a", value, cidr);
    case "mx":
      return parseHosts("mx", value, cidr);
    case "ip4":
      return parseNetwork("ip4", value ?? "", cidr);
    case "ip6":
      return parseNetwork("ip6", value ?? "", cidr);
    default:
      return undefined;
  }
}

/** Where the prefix lengths begin ("/24//64"): the first slash of the digits and slashes at the end. */
function findCidr(text: string): number {
  let cidrStart = text.length;
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text.charAt(at);
    if (character === "/") cidrStart = at;
    else if (character < "0" || character > "9") break;
  }
  return cidrStart;
}

function parseNamed(kind: "include" | "exists", spec: string): SpfMechanism | undefined {
  const domain = parseDomainSpec(spec);
  return domain && { kind, domain };
}

function parsePtr(value: string | undefined, cidr: string): SpfMechanism | undefined {
  if (value === undefined) return cidr === "" ? { kind: "ptr", domain: undefined } : undefined;
  const domain = parseDomainSpec(value + cidr);
  return domain && { kind: "ptr", domain };
}

function parseHosts(
  kind: "a" | "mx",
  value: string | undefined,
  cidr: string,
): SpfMechanism | undefined {
  const lengths = /^(?:\/(0|[1-9]\d?))?(?:\/\/(0|[1-9]\d{0,2}))?$/.exec(cidr);
  if (lengths === null) return undefined;
  const bits4 = Number(lengths[1] ?? 32);
  const bits6 = Number(lengths[2] ?? 128);
  if (bits4 > 32 || bits6 > 128) return undefined;
  if (value === undefined) return { kind, domain: undefined, bits4, bits6 };
  const domain = parseDomainSpec(value);
  return domain && { kind, domain, bits4, bits6 };
}

function parseNetwork(kind: "ip4" | "ip6", value: string, cidr: string): SpfMechanism | undefined {
  const address = kind === "ip4" ? parseIpv4Bytes(value) : parseIpv6Bytes(value);
  const bitsMax = kind === "ip4" ? 32 : 128;
  const length = /^(?:\/(0|[1-9]\d{0,2}))?$/.exec(cidr);
  const bits = Number(length?.[1] ?? bitsMax);
  if (address === undefined || length === null || bits > bitsMax) return undefined;
  return { kind, address, bits };
}

/** RFC 7208 §7.1 domain-spec: ends in a label that can be a top-level domain, or in a macro. */
function parseDomainSpec(text: string): MacroString | undefined {
  const parts = parseMacros(text);
  if (parts === undefined || parts.length === 0) return undefined;
  if (/%(?:[%_-]|\{[^{}]*\})$/.test(text)) return parts;
  const label = /\.([A-Za-z0-9-]+)\.?$/.exec(text)?.[1];
  const isTopLabel =
    label !== undefined && /^[A-Za-z0-9]/.test(label) && /[A-Za-z0-9]$/.test(label);
  return isTopLabel && /[A-Za-z-]/.test(label) ? parts : undefined;
}
