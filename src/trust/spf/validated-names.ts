import { formatAddress } from "../../net/networks.ts";
import type { DnsFailure, Resolver } from "../../net/resolver.ts";
import { findAsciiDomain } from "../names.ts";
import { parseAddress } from "./addresses.ts";

/** RFC 7208 §4.6.4: names looked at of those that an address has. */
const namesMax = 10;

/** Names of an address that point back at it (RFC 7208 §5.5), and whether it had none at all. */
export interface ValidatedNames {
  readonly names: readonly string[];
  readonly isVoid: boolean;
  /** A question that DNS did not answer. */
  readonly problem?: string;
}

/** Never throws; a name that cannot be asked about is left out. */
export async function findValidatedNames(
  resolver: Resolver,
  address: Uint8Array,
): Promise<ValidatedNames> {
  const answer = await resolver.ptr(formatAddress(address));
  if (answer.kind === "none") {
    const isVoid = isAbsence(answer.failure);
    return isVoid ? { names: [], isVoid } : { names: [], isVoid, problem: words(answer.failure) };
  }
  const candidates = answer.records
    .slice(0, namesMax)
    .map(findAsciiDomain)
    .filter((name) => name !== undefined);
  const wanted = address.join(".");
  let problem: string | undefined;
  const checked = await Promise.all(
    [...new Set(candidates)].map(async (name) => {
      const found = await (address.length === 4 ? resolver.a(name) : resolver.aaaa(name));
      if (found.kind === "none" && !isAbsence(found.failure)) problem = words(found.failure);
      const isBack =
        found.kind === "found" &&
        found.records.some((record) => parseAddress(record)?.join(".") === wanted);
      return isBack ? name : undefined;
    }),
  );
  const names = checked.filter((name) => name !== undefined);
  return problem === undefined ? { names, isVoid: false } : { names, isVoid: false, problem };
}

function isAbsence(failure: DnsFailure): boolean {
  return failure === "notFound" || failure === "noData";
}

function words(failure: DnsFailure): string {
  return failure === "off" ? "DNS is off" : `DNS: ${failure}`;
}
