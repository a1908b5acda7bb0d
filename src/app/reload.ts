import { allSettings } from "./config/read-config.ts";
import type { Config } from "./config/schema.ts";

/** Sections whose settings new connections follow after a reload; the rest need a restart. */
const liveSections: ReadonlySet<string> = new Set([
  "login",
  "limits",
  "timeouts",
  "relay",
  "tls",
  "pop3",
]);

/**
 * Compares a running configuration with the one just read.
 * @returns the configuration to go on with (new values where that is possible, the running ones
 *   elsewhere) and a sentence for each difference.
 */
export function judgeReload(
  running: Config,
  next: Config,
): { readonly config: Config; readonly sentences: readonly string[] } {
  const sentences: string[] = [];
  for (const key of allSettings().keys()) {
    const [section = "", name = ""] = key.split(".");
    if (isSame(valueAt(running, section, name), valueAt(next, section, name))) continue;
    sentences.push(
      liveSections.has(section)
        ? `${key} counts for new connections now.`
        : `${key} was changed: it counts after a restart.`,
    );
  }
  const { login, limits, timeouts, relay, tls, pop3 } = next;
  return { config: { ...running, login, limits, timeouts, relay, tls, pop3 }, sentences };
}

function valueAt(config: Config, section: string, name: string): unknown {
  const values = new Map<string, object>(Object.entries(config)).get(section) ?? {};
  return new Map<string, unknown>(Object.entries(values)).get(name);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
