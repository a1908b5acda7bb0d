import type { DnsAnswer, DnsFailure, MxRecord, Resolver } from "../../net/resolver.ts";

export interface FakeZone {
  readonly mx?: Readonly<Record<string, readonly MxRecord[] | DnsFailure>>;
  readonly a?: Readonly<Record<string, readonly string[] | DnsFailure>>;
  readonly aaaa?: Readonly<Record<string, readonly string[] | DnsFailure>>;
  /** That DNSSEC vouches for every answer. */
  readonly isSecure?: boolean;
}

/** Names with fixed answers; all others do not exist. */
export function createFakeResolver(zone: FakeZone): Resolver {
  const exists = (name: string) =>
    [zone.mx, zone.a, zone.aaaa].some((one) => one?.[name] !== undefined);
  const answer = <Record>(
    name: string,
    found: readonly Record[] | DnsFailure | undefined,
  ): DnsAnswer<Record> => {
    if (Array.isArray(found) && found.length > 0) {
      return { kind: "found", records: found, ttlSeconds: 60, isSecure: zone.isSecure ?? false };
    }
    const failure = typeof found === "string" ? found : exists(name) ? "noData" : "notFound";
    return { kind: "none", failure, isSecure: false };
  };
  return {
    mx: async (name) => answer(name, zone.mx?.[name]),
    a: async (name) => answer(name, zone.a?.[name]),
    aaaa: async (name) => answer(name, zone.aaaa?.[name]),
    txt: async (name) => answer<string>(name, undefined),
    ptr: async (name) => answer<string>(name, undefined),
    tlsa: async (name) => answer<never>(name, undefined),
  };
}
