import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import type { DnsData, DnsMessage } from "./dns-codec.ts";
import { dnsTypes } from "./dns-codec.ts";
import { createDnsExchange } from "./dns-exchange.ts";
import { findQueryName, reverseName } from "./dns-names.ts";
import { createDnsTransport } from "./dns-transport.ts";
import type { Endpoint, Network } from "./network.ts";
import { isLoopback } from "./networks.ts";
import { createResolverCache } from "./resolver-cache.ts";
import type { DnsAnswer, DnsFailure, Resolver } from "./resolver.ts";

export interface RealResolverOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** For answers that do not fit into a datagram. */
  readonly network: Network;
  /** Asked in turn until one answers; at least one. */
  readonly servers: readonly Endpoint[];
  /** Believe a server's word about DNSSEC; by default only when all are on this machine. */
  readonly trustsAuthentic?: boolean;
  readonly limits?: Partial<ResolverLimits>;
}

export interface ResolverLimits {
  /** For one answer in all, milliseconds. */
  readonly deadlineMs: number;
  /** For one datagram, milliseconds. */
  readonly attemptMs: number;
  readonly attemptsMax: number;
  /** Answers remembered. */
  readonly cacheCountMax: number;
}

const defaultLimits: ResolverLimits = {
  deadlineMs: 12_000,
  attemptMs: 2_500,
  attemptsMax: 4,
  cacheCountMax: 10_000,
};

/** RFC 1034 §3.6.2 gives no number; chains in use have one to three. */
const cnamesMax = 8;
/** Longest that an absence is remembered, seconds (RFC 2308 §5 suggests one to three hours). */
const absenceSecondsMax = 3_600;
/** How long a failure is remembered, seconds (RFC 9520 §3.2: at least one). */
const failureSeconds = 5;

interface Outcome {
  readonly answer: DnsAnswer<DnsData>;
  readonly keepSeconds: number;
}

/** A stub resolver: asks recursive servers over UDP, and over TCP what does not fit. */
export function createRealResolver(options: RealResolverOptions): Resolver {
  const { clock, random, servers, network } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const transport = createDnsTransport(clock, network);
  const exchange = createDnsExchange({ clock, random, transport, servers, ...limits });
  const trustsAuthentic =
    options.trustsAuthentic ?? servers.every(({ address }) => isLoopback(address));
  const cache = createResolverCache<DnsAnswer<DnsData>>(clock, limits.cacheCountMax);
  /** Questions under way: the same one is asked once. */
  const pending = new Map<string, Promise<Outcome>>();

  const resolve = async (first: string, type: number): Promise<Outcome> => {
    const untilMs = clock.monotonicMs() + limits.deadlineMs;
    let name = first;
    let ttlSeconds = Number.POSITIVE_INFINITY;
    let isSecure = trustsAuthentic;
    for (let hops = 0; hops <= cnamesMax;) {
      const message = await exchange(name, type, untilMs);
      isSecure &&= message.isAuthentic;
      const chain = followCnames(message, name);
      hops += chain.hops;
      ttlSeconds = Math.min(ttlSeconds, chain.ttlSeconds);
      const found = message.answers.filter((one) => one.name === chain.name && one.type === type);
      if (found.length > 0) {
        const least = Math.min(ttlSeconds, ...found.map((record) => record.ttlSeconds));
        const records = found.map(({ data }) => data);
        const answer = { kind: "found", records, ttlSeconds: least, isSecure } as const;
        return { answer, keepSeconds: least };
      }
      const absence = absenceSeconds(message);
      if (chain.hops === 0 || absence !== undefined || message.responseCode === 3) {
        const failure = message.responseCode === 3 ? "notFound" : "noData";
        const answer = { kind: "none", failure, isSecure } as const;
        return { answer, keepSeconds: Math.min(ttlSeconds, absence ?? failureSeconds) };
      }
      name = chain.name;
    }
    return failed("serverFailure");
  };

  const ask = async (name: string | undefined, type: number): Promise<DnsAnswer<DnsData>> => {
    if (name === undefined) return { kind: "none", failure: "notFound", isSecure: false };
    const key = `${type} ${name}`;
    const known = cache.find(key);
    if (known !== undefined) {
      const { value, ttlSeconds } = known;
      return value.kind === "found" ? { ...value, ttlSeconds } : value;
    }
    const asking = pending.get(key) ?? resolve(name, type).catch(asOutcome);
    pending.set(key, asking);
    const { answer, keepSeconds } = await asking;
    // Of those who waited for one answer, the first to go on keeps it.
    if (pending.delete(key)) cache.keep(key, answer, keepSeconds);
    return answer;
  };

  return {
    mx: async (name) => select(await ask(findQueryName(name), dnsTypes.mx), mxOf),
    a: async (name) => select(await ask(findQueryName(name), dnsTypes.a), textOf),
    aaaa: async (name) => select(await ask(findQueryName(name), dnsTypes.aaaa), textOf),
    txt: async (name) => select(await ask(findQueryName(name), dnsTypes.txt), textOf),
    tlsa: async (name) => select(await ask(findQueryName(name), dnsTypes.tlsa), tlsaOf),
    ptr: async (address) => select(await ask(reverseName(address), dnsTypes.ptr), textOf),
  };
}

/** The same answer with plain records. */
function select<Value>(
  answer: DnsAnswer<DnsData>,
  pick: (data: DnsData) => Value | undefined,
): DnsAnswer<Value> {
  if (answer.kind === "none") return answer;
  const records = answer.records.map(pick).filter((value) => value !== undefined);
  return { ...answer, records };
}

const textOf = (data: DnsData): string | undefined =>
  typeof data.value === "string" ? data.value : undefined;
const mxOf = (data: DnsData) => (data.kind === "mx" ? data.value : undefined);
const tlsaOf = (data: DnsData) => (data.kind === "tlsa" ? data.value : undefined);

/** Where the CNAMEs of an answer lead from a name. */
function followCnames(message: DnsMessage, start: string) {
  const targets = new Map<string, { target: string; ttlSeconds: number }>();
  for (const { name, data, ttlSeconds } of message.answers) {
    if (data.kind === "cname") targets.set(name, { target: data.value, ttlSeconds });
  }
  let name = start;
  let ttlSeconds = Number.POSITIVE_INFINITY;
  let hops = 0;
  for (let next = targets.get(name); next !== undefined && hops <= cnamesMax; hops++) {
    name = next.target;
    ttlSeconds = Math.min(ttlSeconds, next.ttlSeconds);
    next = targets.get(name);
  }
  return { name, ttlSeconds, hops };
}

/** RFC 2308 §5: the smaller of the SOA's own time to live and its last number. */
function absenceSeconds(message: DnsMessage): number | undefined {
  for (const { data, ttlSeconds } of message.authorities) {
    if (data.kind === "soa") return Math.min(data.value, ttlSeconds, absenceSecondsMax);
  }
  return undefined;
}

function failed(failure: DnsFailure): Outcome {
  return { answer: { kind: "none", failure, isSecure: false }, keepSeconds: failureSeconds };
}

function asOutcome(error: unknown): Outcome {
  const isTimeout = error instanceof Refusal && error.reason === "timeout";
  return failed(isTimeout ? "timeout" : "serverFailure");
}
