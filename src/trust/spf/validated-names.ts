import { formatAddress } from "../../net/networks.ts";
import type { Resolver } from "../../net/resolver.ts";
import { findAsciiDomain } from "../names.ts";
import { parseAddress } from "./addresses.ts";

/** RFC 7208 §4.6.4: names looked at of those that an address has. */
const namesMax = 10;

/** Names of an address that point back at it (RFC 7208 §5.5), and whether it had none at all. */
export interface ValidatedNames {
  readonly names: readonly string[];
  readonly isVoid: boolean;
}

/** Never throws; a name that cannot be asked about is left out. */
export async function findValidatedNames(
  resolver: Resolver,
  address: Uint8Array,
): Promise<ValidatedNames> {
  const answer = await resolver.ptr(formatAddress(address));
  if (answer.kind === "none") {
    return { names: [], isVoid: answer.failure === "notFound" || answer.failure === "noData" };
  }
  const candidates = answer.records
    .slice(0, namesMax)
    .map(findAsciiDomain)
    .filter((name) => name !== undefined);
  const wanted = address.join(".");
  const checked = await Promise.all(
    [...new Set(candidates)].map(async (name) => {
      const found = await (address.length === 4 ? resolver.a(name) : resolver.aaaa(name));
      const isBack =
        found.kind === "found" &&
        found.records.some((record) => parseAddress(record)?.join(".") === wanted);
      return isBack ? name : undefined;
    }),
  );
  return { names: checked.filter((name) => name !== undefined), isVoid: false };
}
