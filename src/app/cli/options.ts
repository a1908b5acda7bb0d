import { readFileSync } from "node:fs";

import { Refusal } from "../../base/faults.ts";
import { readConfig } from "../config/read-config.ts";
import type { Override } from "../config/read-config.ts";
import type { Config } from "../config/schema.ts";

/** Options of `golub serve` and of every verb that needs to find the server. */
export interface CommonOptions {
  readonly config?: string;
  readonly data?: string;
  readonly store?: string;
  readonly set?: readonly string[];
}

export interface ServeOptions extends CommonOptions {
  readonly portOffset?: string;
  readonly host?: string;
  readonly domain?: readonly string[];
  readonly account?: readonly string[];
  readonly dns?: string;
  readonly route?: readonly string[];
  readonly readyFile?: string;
  readonly trial?: boolean;
}

/** An account asked for on the command line, `name@domain:password`. */
export interface AskedAccount {
  readonly address: string;
  readonly password: string;
}

/**
 * The configuration from file and options.
 * @throws Refusal `syntax` whose text lists every problem, one per line.
 */
export function getConfig(options: ServeOptions): Config {
  const file = options.config === undefined ? undefined : readConfigFile(options.config);
  const answer = readConfig(file, overridesOf(options));
  if (answer.kind === "config") return answer.config;
  const lines = answer.problems.map(({ where, text }) => `${where}: ${text}`);
  throw new Refusal("syntax", lines.join("\n"));
}

/** @throws Refusal `syntax` when it has not the form `name@domain:password`. */
export function parseAskedAccount(text: string): AskedAccount {
  const match = /^([^:\s]+@[^:\s@]+):(.+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new Refusal("syntax", `--account ${text}: it must be NAME@DOMAIN:PASSWORD.`);
  }
  return { address: match[1], password: match[2] };
}

/** @throws Refusal `syntax` when the file cannot be read. */
export function readConfigFile(name: string): { readonly name: string; readonly text: string } {
  try {
    return { name, text: readFileSync(name, "utf8") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal("syntax", `${name}: the configuration file cannot be read (${reason}).`);
  }
}

function overridesOf(options: ServeOptions): readonly Override[] {
  const overrides: Override[] = [];
  const add = (key: string, value: unknown, where: string) => {
    if (value !== undefined) overrides.push({ key, value, where });
  };
  for (const pair of options.set ?? []) {
    const [key, value] = splitOnce(pair, "=");
    if (value === undefined) throw new Refusal("syntax", `--set ${pair}: it must be KEY=VALUE.`);
    add(key, value, `--set ${key}`);
  }
  add("server.dataFolder", options.data, "--data");
  add("server.store", options.store, "--store");
  add("listen.portOffset", options.portOffset, "--port-offset");
  add("listen.host", options.host, "--host");
  add("dns.server", options.dns, "--dns");
  if (options.route !== undefined && options.route.length > 0) {
    const routes = options.route.map((route) => {
      const [domain, host] = splitOnce(route, "=");
      if (host === undefined || !/:\d+$/.test(host)) {
        throw new Refusal("syntax", `--route ${route}: it must be DOMAIN=HOST:PORT.`);
      }
      return [domain.toLowerCase(), host];
    });
    add("queue.routes", Object.fromEntries(routes), "--route");
  }
  return overrides;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
