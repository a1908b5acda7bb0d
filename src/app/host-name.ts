import { hostname } from "node:os";

import type { Config } from "./config/schema.ts";

/** The name that the server goes by: configured, the machine's if it has a dot, else a guess. */
export function getHostName(config: Config, domains: readonly string[]): string {
  if (config.server.hostName !== "") return config.server.hostName.toLowerCase();
  const own = hostname().toLowerCase();
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(own)) return own;
  return domains[0] === undefined ? "localhost" : `mail.${domains[0]}`;
}
