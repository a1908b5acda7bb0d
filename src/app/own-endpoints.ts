import { networkInterfaces } from "node:os";

import type { Endpoint } from "../net/network.ts";
import { isLoopback, plainAddress } from "../net/networks.ts";

/**
 * Whether an endpoint is one of our listeners, so that mail for it would come back to us. One on
 * all addresses has those of this machine, and no others: the rest of the world has a port 25, too.
 */
export function isOwnEndpoint(
  listeners: readonly Endpoint[],
  { address, port }: Endpoint,
  addressesHere: () => readonly string[] = machineAddresses,
): boolean {
  const plain = plainAddress(address);
  return listeners.some((own) => {
    if (own.port !== port) return false;
    if (own.address !== "0.0.0.0" && own.address !== "::") return own.address === plain;
    return isLoopback(plain) || addressesHere().includes(plain);
  });
}

function machineAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.map(({ address }) => plainAddress(address));
}
