import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { Refusal } from "../base/faults.ts";
import { formatName } from "./dns-codec.ts";
import type { Endpoint } from "./network.ts";
import { parseIpv6, plainAddress } from "./networks.ts";

const dnsPort = 53;

/** A name as it is asked for: lower-case A-labels; undefined for one that DNS cannot hold. */
export function findQueryName(name: string): string | undefined {
  // Labels such as _dmarc are no host names, so plain ASCII is taken as it is.
  const ascii = /^[\x21-\x7e]*$/.test(name) ? name.toLowerCase() : domainToASCII(name);
  const bare = ascii.endsWith(".") ? ascii.slice(0, -1) : ascii;
  if (bare === "" || bare.includes("\\")) return undefined;
  try {
    formatName(bare);
    return bare;
  } catch {
    return undefined;
  }
}

/** The name under in-addr.arpa (RFC 1035 §3.5) or ip6.arpa (RFC 3596 §2.5) of an address. */
export function reverseName(address: string): string | undefined {
  const plain = plainAddress(address);
  if (isIP(plain) === 4) return `${plain.split(".").toReversed().join(".")}.in-addr.arpa`;
  const words = parseIpv6(plain);
  if (words === undefined) return undefined;
  const digits = words.map((word) => word.toString(16).padStart(4, "0")).join("");
  return `${[...digits].toReversed().join(".")}.ip6.arpa`;
}

/** The servers that a text in the form of /etc/resolv.conf names; this machine when none. */
export function parseResolvConf(text: string): readonly Endpoint[] {
  const servers = text
    .split("\n")
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "")
    .filter((address) => isIP(address) !== 0)
    .map((address) => ({ address, port: dnsPort }));
  return servers.length === 0 ? [{ address: "127.0.0.1", port: dnsPort }] : servers.slice(0, 3);
}

/** "192.0.2.1:5353", "[::1]:53" or an address alone. @throws Refusal `syntax`. */
export function parseDnsServer(text: string): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? text;
  const port = Number(match?.[3] ?? dnsPort);
  if (isIP(address) === 0 || port < 1 || port > 65_535) {
    throw new Refusal("syntax", `"${text}" is no DNS server: write 192.0.2.1:53 or [::1]:53.`);
  }
  return { address, port };
}
