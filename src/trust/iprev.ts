import type { Resolver } from "../net/resolver.ts";
import { parseAddress } from "./spf/addresses.ts";
import { findValidatedNames } from "./spf/validated-names.ts";

/** RFC 8601 §2.7.3. Plain data. */
export interface IprevJudgement {
  readonly result: "pass" | "fail" | "temperror" | "permerror";
  /** Names of the client that point back at its address. */
  readonly names: readonly string[];
  readonly problem?: string;
}

/** Whether the address of a client has a name that points back at it (RFC 8601 §3). */
export async function judgeIprev(
  remoteAddress: string,
  resolver: Resolver,
): Promise<IprevJudgement> {
  const address = parseAddress(remoteAddress);
  if (address === undefined) {
    return { result: "permerror", names: [], problem: "the client has no IP address" };
  }
  const { names, isVoid, problem } = await findValidatedNames(resolver, address);
  if (names.length > 0) return { result: "pass", names };
  if (problem !== undefined) return { result: "temperror", names, problem };
  if (isVoid) return { result: "permerror", names, problem: "the address has no name" };
  return { result: "fail", names, problem: "no name of the address points back at it" };
}
