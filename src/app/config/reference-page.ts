import type { Setting } from "./setting.ts";

/** The reference of all settings as a page in Markdown: docs/configuration.md is this. */
export function referencePage(settings: ReadonlyMap<string, Setting<unknown>>): string {
  const lines = [
    "# Configuration",
    "",
    "One TOML file, given with `--config FILE`; `golub config check FILE` checks it. Every setting can also be given as `--set KEY=VALUE`, which wins over the file. This page is made from the program's own list (`golub config settings`).",
  ];
  let current = "";
  for (const [key, { about, allowed, example }] of settings) {
    const [section = "", name = ""] = key.split(".");
    if (section !== current) lines.push("", `## [${section}]`);
    current = section;
    lines.push("", `### ${name}`, "", about, "", `Default: \`${example}\`. It must be ${allowed}.`);
  }
  return `${lines.join("\n")}\n`;
}
