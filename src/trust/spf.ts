import type { Resolver } from "../net/resolver.ts";
import { findHostName } from "./names.ts";
import { parseAddress } from "./spf/addresses.ts";
import { createSpfCheck } from "./spf/check-host.ts";

/** RFC 7208 §2.6. */
export type SpfResult =
  | "none"
  | "neutral"
  | "pass"
  | "fail"
  | "softfail"
  | "temperror"
  | "permerror";

/** Who speaks, as the SMTP session knows it. */
export interface SpfQuery {
  /** IPv4 or IPv6 in text form. */
  readonly remoteAddress: string;
  /** What HELO or EHLO said. */
  readonly helo: string;
  /** MAIL FROM without brackets; empty for the null sender, judged as postmaster@helo (§2.4). */
  readonly sender: string;
}

export interface SpfContext {
  readonly resolver: Resolver;
  /** Our host name, for the macro `r`. */
  readonly receiver: string;
  /** Milliseconds since 1970, for the macro `t`. */
  readonly nowMs: number;
}

/** Plain data. */
export interface SpfJudgement {
  readonly result: SpfResult;
  /** Which identity was judged. */
  readonly identity: "mailfrom" | "helo";
  /** The domain of that identity in A-labels; empty when it has none that DNS could hold. */
  readonly domain: string;
  /** The terms that led to the result, outermost first, as their records have them. */
  readonly matched: readonly string[];
  /** Why there was an error or no record, for people. */
  readonly problem?: string;
  /** What the owner of the domain says about a fail, US-ASCII (§6.2). Not to be trusted. */
  readonly explanation?: string;
  /** Terms that asked DNS (§4.6.4), at most 10. */
  readonly lookups: number;
}

/**
 * Judges whether a client may use a sender's domain: check_host of RFC 7208 §4 for MAIL FROM, or
 * for HELO when there is no sender. Never throws; asks DNS for at most 10 terms.
 */
export async function judgeSpf(query: SpfQuery, context: SpfContext): Promise<SpfJudgement> {
  const { local, domain: given, identity } = identityOf(query);
  const address = parseAddress(query.remoteAddress);
  const domain = findHostName(given);
  const nothing = { identity, domain: domain ?? "", matched: [], lookups: 0 } as const;
  if (domain === undefined) {
    // RFC 7208 §4.3: no result for what is no multi-label domain.
    return { ...nothing, result: "none", problem: "the sender has no domain that DNS can hold" };
  }
  if (address === undefined) {
    return { ...nothing, result: "none", problem: "the client has no IP address" };
  }
  const check = createSpfCheck({ ...context, address, helo: query.helo, local, domain });
  return { identity, ...(await check()), domain };
}

/** RFC 7208 §4.3: a sender without local part is its domain's postmaster. */
function identityOf(query: SpfQuery) {
  if (query.sender === "") {
    return { identity: "helo", local: "postmaster", domain: query.helo } as const;
  }
  const at = query.sender.lastIndexOf("@");
  const local = at > 0 ? query.sender.slice(0, at) : "postmaster";
  return { identity: "mailfrom", local, domain: query.sender.slice(at + 1) } as const;
}
