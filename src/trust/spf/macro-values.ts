import { formatAddress } from "../../net/networks.ts";
import { isWithin } from "../names.ts";
import type { SpfFacts } from "./check-host.ts";
import { findValidatedNames } from "./validated-names.ts";

/** What a macro letter stands for (RFC 7208 §7.2, §7.3) while `domain` is looked at. */
export type DomainMacroValues = (letter: string, domain: string) => Promise<string>;

/** The names of the client are asked for once, when a record wants them. */
export function createMacroValues(facts: SpfFacts): DomainMacroValues {
  const { resolver, address, helo, local, domain: senderDomain, receiver, nowMs } = facts;
  const isIpv4 = address.length === 4;
  let names: ReturnType<typeof findValidatedNames> | undefined;
  const clientName = async (domain: string): Promise<string> => {
    names ??= findValidatedNames(resolver, address);
    const found = (await names).names;
    const near = found.find((name) => name === domain);
    return near ?? found.find((name) => isWithin(name, domain)) ?? found[0] ?? "unknown";
  };
  const values = new Map<string, (domain: string) => string | Promise<string>>([
    ["s", () => `${local}@${senderDomain}`],
    ["l", () => local],
    ["o", () => senderDomain],
    ["d", (domain: string) => domain],
    ["i", () => (isIpv4 ? address.join(".") : nibbles(address))],
    ["p", clientName],
    ["v", () => (isIpv4 ? "in-addr" : "ip6")],
    ["h", () => helo],
    ["c", () => formatAddress(address)],
    ["r", () => (receiver === "" ? "unknown" : receiver)],
    ["t", () => String(Math.floor(nowMs / 1000))],
  ]);
  return async (letter, domain) => values.get(letter)?.(domain) ?? "";
}

/** Each half of a byte as a digit, with dots between. */
function nibbles(address: Uint8Array): string {
  return [...Buffer.from(address).toString("hex").toUpperCase()].join(".");
}
