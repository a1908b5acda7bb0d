import { allSettings } from "./read-config.ts";
import type { Config } from "./schema.ts";

/** Every setting with its value, a line each, without the secrets in them. */
export function showConfig(config: Config): string {
  const sections = new Map<string, object>(Object.entries(config));
  const lines: string[] = [];
  for (const [path, setting] of allSettings()) {
    const [section = "", key = ""] = path.split(".");
    const value = new Map<string, unknown>(Object.entries(sections.get(section) ?? {})).get(key);
    const shown = setting.show === undefined ? value : setting.show(value);
    lines.push(`${path} = ${JSON.stringify(shown)}`);
  }
  return lines.join("\n");
}
