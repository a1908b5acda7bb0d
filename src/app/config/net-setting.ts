import { isIP } from "node:net";

import { asRefusal } from "../../base/faults.ts";
import type { Endpoint } from "../../net/network.ts";
import { parseNetworks } from "../../net/networks.ts";
import { listenerTable } from "../listener-table.ts";
import { nearest } from "./nearest.ts";
import { text, texts } from "./setting.ts";
import type { Setting } from "./setting.ts";

/** A list of addresses and networks. */
export function networks(about: string): Setting<readonly string[]> {
  const list = texts(about, []);
  const whyNot = (value: unknown): string | undefined => {
    const read = list.read(value);
    if (read === undefined) return undefined;
    try {
      parseNetworks(read);
      return undefined;
    } catch (error) {
      return asRefusal(error).text.replace(/: write .*$/s, "");
    }
  };
  return {
    ...list,
    allowed: 'a list of addresses and networks, like ["192.0.2.0/24", "2001:db8::1"]',
    read: (value) => (whyNot(value) === undefined ? list.read(value) : undefined),
    explain: whyNot,
  };
}

/** A list of names of listeners: one that is mistyped would stay open. */
export function listeners(about: string): Setting<readonly string[]> {
  const names: readonly string[] = listenerTable.map(({ protocol }) => protocol);
  const list = texts(`${about}: ${names.join(", ")}.`, []);
  const wrongIn = (value: unknown) => list.read(value)?.find((name) => !names.includes(name));
  return {
    ...list,
    allowed: "a list of names of listeners",
    read: (value) => (wrongIn(value) === undefined ? list.read(value) : undefined),
    explain(value) {
      const wrong = wrongIn(value);
      if (wrong === undefined) return undefined;
      const guess = nearest(wrong, names);
      return `there is no listener ${wrong}${guess === undefined ? "" : `; did you mean ${guess}?`}`;
    },
  };
}

/** A resolver: "system", "off" or an address with its port. */
export function resolver(about: string, fallback: string): Setting<string> {
  return {
    ...text(about, fallback),
    allowed: '"system", "off", or an IP address with port like 127.0.0.1:53 or [::1]:53',
    read: (value) => {
      if (value === "system" || value === "off") return value;
      return typeof value === "string" && findDnsServer(value) !== undefined ? value : undefined;
    },
  };
}

/** "127.0.0.1:53" or "[::1]:53" as an endpoint; undefined when it is neither. */
export function findDnsServer(server: string): Endpoint | undefined {
  const match = /^(?:\[([0-9a-f:]+)\]|([\d.]+)):(\d{1,5})$/i.exec(server);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address === undefined || isIP(address) === 0 || port < 1 || port > 65_535) return undefined;
  return { address, port };
}
