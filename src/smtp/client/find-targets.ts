import type { Random } from "../../base/random.ts";
import type { Endpoint } from "../../net/network.ts";
import type { DnsAnswer, MxRecord, Resolver } from "../../net/resolver.ts";
import { parseAddressLiteral } from "../grammar/literal.ts";
import type { ClientLimits } from "./limits.ts";
import type { TroubleFacts } from "./session-trouble.ts";

/** One address of one host to try. */
export interface Target {
  /** Host name, or the address itself where there is none. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export type Targets =
  | {
      readonly kind: "found";
      readonly targets: readonly Target[];
      /** That DNSSEC vouches for the names of the hosts, or nobody had to be asked for them. */
      readonly isSecure: boolean;
    }
  | { readonly kind: "none"; readonly isPermanent: boolean; readonly facts: TroubleFacts };

export interface FindTargetsOptions {
  readonly resolver: Resolver;
  readonly random: Random;
  readonly limits: ClientLimits;
  /** Our own name: mail for a domain whose best exchange we are must not come back to us. */
  readonly hostName: string;
  /** Whether an endpoint is one of our own listeners. */
  isOwn(endpoint: Endpoint): boolean;
}

/**
 * Where mail for a destination goes (RFC 5321 §5.1): exchanges by rising preference, in random
 * order where it is equal; without any, the domain's own addresses; an address literal itself.
 * Aliases (CNAME) are followed by the resolver.
 */
export async function findTargets(
  destination: string,
  port: number,
  options: FindTargetsOptions,
): Promise<Targets> {
  if (destination.startsWith("[")) return literalTargets(destination, port, options);
  const answer = await options.resolver.mx(destination);
  if (answer.kind === "found") {
    const found = await exchangeTargets(answer, destination, port, options);
    return found.kind === "found" ? { ...found, isSecure: answer.isSecure } : found;
  }
  if (answer.failure === "notFound") {
    return failed("5.1.2", `the domain ${destination} does not exist`);
  }
  if (answer.failure !== "noData") return unsure(destination, answer);
  const { targets, doubt } = await addressesOf(destination, port, options.resolver);
  if (targets.length > 0) {
    const found = withoutOwn(targets, destination, options);
    return found.kind === "found" ? { ...found, isSecure: answer.isSecure } : found;
  }
  if (doubt !== undefined) return unsure(destination, doubt);
  return failed("5.1.2", `the domain ${destination} has neither mail exchanger nor address`);
}

/** Addresses of a host that was named by hand: no exchanges are looked up, loops are allowed for. */
export async function findHostTargets(
  host: string,
  port: number,
  options: FindTargetsOptions,
): Promise<Targets> {
  const address = literalAddress(host);
  if (address !== undefined) {
    return withoutOwn([{ name: address, address, port }], host, options);
  }
  const { targets, doubt } = await addressesOf(host, port, options.resolver);
  if (targets.length > 0) return withoutOwn(targets, host, options);
  // A route is our own configuration: its mistakes are not the fault of the message.
  return doubt === undefined
    ? delayed("4.4.4", `the host ${host} has no address`)
    : unsure(host, doubt);
}

async function exchangeTargets(
  answer: Extract<DnsAnswer<MxRecord>, { kind: "found" }>,
  destination: string,
  port: number,
  options: FindTargetsOptions,
): Promise<Targets> {
  if (answer.records.every((record) => record.exchange === "")) {
    // RFC 7505 §3 and §4.2.
    const text = `the domain ${destination} does not accept mail (null MX)`;
    return { kind: "none", isPermanent: true, facts: { code: 556, status: "5.1.10", text } };
  }
  const own = options.hostName.toLowerCase();
  const ownPreference = Math.min(
    ...answer.records.filter((one) => one.exchange === own).map((one) => one.preference),
  );
  const exchanges = shuffled(answer.records, options.random)
    .filter((record) => record.exchange !== "" && record.preference < ownPreference)
    .toSorted((a, b) => a.preference - b.preference)
    .slice(0, options.limits.exchangesMax);
  const found = await Promise.all(
    exchanges.map((record) => addressesOf(record.exchange, port, options.resolver)),
  );
  const targets: Target[] = [];
  let doubt: DnsNone | undefined;
  for (const [at, one] of found.entries()) {
    // RFC 5321 §5.1: those no better than ourselves are not tried.
    if (one.targets.some((target) => options.isOwn(target))) {
      const ownAt = exchanges[at]?.preference ?? 0;
      const better = targets.filter((target) => preferenceOf(target, exchanges) < ownAt);
      return foundOrLoop(better, destination, options.limits);
    }
    targets.push(...one.targets);
    doubt ??= one.doubt;
  }
  if (targets.length === 0 && doubt !== undefined) return unsure(destination, doubt);
  if (targets.length === 0 && exchanges.length > 0) {
    return failed("5.4.4", `no mail exchanger of ${destination} has an address`);
  }
  return foundOrLoop(targets, destination, options.limits);
}

function preferenceOf(target: Target, exchanges: readonly MxRecord[]): number {
  return exchanges.find((record) => record.exchange === target.name)?.preference ?? 0;
}

function literalTargets(destination: string, port: number, options: FindTargetsOptions): Targets {
  const literal = parseAddressLiteral(destination);
  if (literal === undefined) return failed("5.1.3", `${destination} is not an address`);
  const { address } = literal;
  return withoutOwn([{ name: address, address, port }], destination, options);
}

function withoutOwn(
  targets: readonly Target[],
  destination: string,
  options: FindTargetsOptions,
): Targets {
  if (targets.some((target) => options.isOwn(target)))
    return foundOrLoop([], destination, options.limits);
  return foundOrLoop(targets, destination, options.limits);
}

function foundOrLoop(
  targets: readonly Target[],
  destination: string,
  limits: ClientLimits,
): Targets {
  if (targets.length > 0) {
    return { kind: "found", targets: targets.slice(0, limits.targetsMax), isSecure: true };
  }
  return failed("5.4.6", `mail for ${destination} loops back to this server`);
}

type DnsNone = Extract<DnsAnswer<unknown>, { kind: "none" }>;

interface HostAddresses {
  readonly targets: readonly Target[];
  /** Set when an address may exist that could not be asked for. */
  readonly doubt: DnsNone | undefined;
}

async function addressesOf(name: string, port: number, resolver: Resolver): Promise<HostAddresses> {
  if (name === "localhost") {
    // RFC 6761 §6.3: known without asking.
    const addresses = ["127.0.0.1", "::1"];
    return { targets: addresses.map((address) => ({ name, address, port })), doubt: undefined };
  }
  const [six, four] = await Promise.all([resolver.aaaa(name), resolver.a(name)]);
  const sixes = six.kind === "found" ? six.records : [];
  const fours = four.kind === "found" ? four.records : [];
  // By turns, IPv6 first, so that a host with many addresses of a family that we do not have
  // does not use up the tries.
  const targets: Target[] = [];
  for (let at = 0; at < Math.max(sixes.length, fours.length); at++) {
    for (const address of [sixes[at], fours[at]]) {
      if (address !== undefined) targets.push({ name, address, port });
    }
  }
  return { targets, doubt: doubtOf(four) ?? doubtOf(six) };
}

function doubtOf(answer: DnsAnswer<unknown>): DnsNone | undefined {
  if (answer.kind === "found") return undefined;
  return answer.failure === "notFound" || answer.failure === "noData" ? undefined : answer;
}

function literalAddress(host: string): string | undefined {
  return (parseAddressLiteral(`[${host}]`) ?? parseAddressLiteral(`[IPv6:${host}]`))?.address;
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, key: random.fraction() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function unsure(name: string, answer: DnsNone): Targets {
  if (answer.failure === "off") {
    return delayed("4.4.3", `DNS is off and there is no route for ${name}`);
  }
  const why = answer.failure === "timeout" ? "no answer in time" : "the DNS server failed";
  return delayed("4.4.3", `looking up ${name}: ${why}`);
}

function failed(status: string, text: string): Targets {
  return { kind: "none", isPermanent: true, facts: { code: 0, status, text } };
}

function delayed(status: string, text: string): Targets {
  return { kind: "none", isPermanent: false, facts: { code: 0, status, text } };
}
