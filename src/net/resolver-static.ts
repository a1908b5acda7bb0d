import { domainToASCII } from "node:url";
import type { DnsAnswer, DnsFailure, MxRecord, Resolver, TlsaRecord } from "./resolver.ts";

/** What a name has, or how asking for it fails. */
export interface StaticName {
  readonly mx?: readonly MxRecord[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly txt?: readonly string[];
  readonly tlsa?: readonly TlsaRecord[];
  /** Of a name that is an address. */
  readonly ptr?: readonly string[];
  /** Stands for another name. */
  readonly cname?: string;
  /** Every question about the name ends so. */
  readonly failure?: DnsFailure;
  readonly isSecure?: boolean;
  /** An hour by default. */
  readonly ttlSeconds?: number;
}

/** Names in lower case without a final dot, or addresses for `ptr`. */
export type StaticZone = ReadonlyMap<string, StaticName>;

const cnamesMax = 10;

/** DNS as data, for tests and the simulator. Changes of the zone count at once. */
export function createStaticResolver(zone: StaticZone): Resolver {
  const find = (name: string): StaticName | undefined => {
    let at = canonical(name);
    for (let count = 0; count <= cnamesMax; count++) {
      const entry = zone.get(at);
      if (entry?.cname === undefined) return entry;
      at = entry.cname;
    }
    return { failure: "serverFailure" };
  };
  const answer = <Record>(
    entry: StaticName | undefined,
    records: readonly Record[] = [],
  ): DnsAnswer<Record> => {
    const isSecure = entry?.isSecure ?? false;
    const failure = entry === undefined ? "notFound" : entry.failure;
    if (failure !== undefined) return { kind: "none", failure, isSecure };
    if (records.length === 0) return { kind: "none", failure: "noData", isSecure };
    return { kind: "found", records, ttlSeconds: entry?.ttlSeconds ?? 3_600, isSecure };
  };
  return {
    mx: async (name) => answer(find(name), find(name)?.mx),
    a: async (name) => answer(find(name), find(name)?.a),
    aaaa: async (name) => answer(find(name), find(name)?.aaaa),
    txt: async (name) => answer(find(name), find(name)?.txt),
    tlsa: async (name) => answer(find(name), find(name)?.tlsa),
    ptr: async (address) => answer(zone.get(address), zone.get(address)?.ptr),
  };
}

function canonical(name: string): string {
  const ascii = /^[\x21-\x7e]*$/.test(name) ? name : domainToASCII(name);
  return ascii.toLowerCase().replace(/\.$/, "");
}
