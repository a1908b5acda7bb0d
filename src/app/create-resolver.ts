import { readFileSync } from "node:fs";

import { Refusal } from "../base/faults.ts";
import type { Endpoint } from "../net/network.ts";
import { createOffResolver } from "../net/resolver-off.ts";
import { createRealResolver } from "../net/resolver-real.ts";
import type { RealResolverOptions } from "../net/resolver-real.ts";
import type { Resolver } from "../net/resolver.ts";
import { findDnsServer } from "./config/net-setting.ts";

/**
 * The resolver that `dns.server` names: "system" (the servers of /etc/resolv.conf), "off", or
 * HOST:PORT with an IP address.
 * @throws Refusal `syntax` for anything else.
 */
export function createResolver(
  server: string,
  ports: Pick<RealResolverOptions, "clock" | "random" | "network">,
): Resolver {
  if (server === "off") return createOffResolver();
  if (server === "system") {
    const servers = systemServers();
    return servers.length === 0 ? createOffResolver() : createRealResolver({ ...ports, servers });
  }
  const endpoint = findDnsServer(server);
  if (endpoint === undefined) {
    const right = '"system", "off", or an IP address with port like 127.0.0.1:53';
    throw new Refusal("syntax", `dns.server is ${server}; it must be ${right}.`);
  }
  return createRealResolver({ ...ports, servers: [endpoint] });
}

/** Name servers of resolv.conf(5), at most three as there; none where there is no such file. */
function systemServers(): readonly Endpoint[] {
  let text: string;
  try {
    text = readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    // A machine without the file has no resolver that we could ask.
    return [];
  }
  return [...text.matchAll(/^nameserver\s+([0-9a-f.:]+)/gim)]
    .slice(0, 3)
    .map(([, address = ""]) => ({ address, port: 53 }));
}
