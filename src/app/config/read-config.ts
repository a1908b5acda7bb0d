import { parse, TomlError } from "smol-toml";

import { findLine } from "./find-line.ts";
import { nearest } from "./nearest.ts";
import { schema } from "./schema.ts";
import type { Config } from "./schema.ts";
import type { Setting } from "./setting.ts";

/** What is wrong in a configuration, and where. */
export interface ConfigProblem {
  /** "golub.toml:12", or "--set limits.quota". */
  readonly where: string;
  /** What is wrong and what would be right. */
  readonly text: string;
}

/** A setting given outside the file: `--set limits.quota=1GiB` or an option that stands for one. */
export interface Override {
  readonly key: string;
  readonly value: unknown;
  readonly where: string;
}

export type ConfigAnswer =
  | {
      readonly kind: "config";
      readonly config: Config;
      readonly given: ReadonlyMap<string, string>;
    }
  | { readonly kind: "problems"; readonly problems: readonly ConfigProblem[] };

const settings: ReadonlyMap<string, Setting<unknown>> = new Map(
  Object.entries(schema).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, setting]): [string, Setting<unknown>] => [
      `${section}.${key}`,
      setting,
    ]),
  ),
);

/** All settings by key, in the order of the schema. */
export function allSettings(): ReadonlyMap<string, Setting<unknown>> {
  return settings;
}

/**
 * Reads a TOML text and what was given besides it; later overrides win. Every problem is reported,
 * not only the first.
 * @returns the configuration with the place that each given value came from, or the problems.
 */
export function readConfig(
  file: { readonly name: string; readonly text: string } | undefined,
  overrides: readonly Override[],
): ConfigAnswer {
  const problems: ConfigProblem[] = [];
  const given = new Map<string, { readonly value: unknown; readonly where: string }>();
  if (file !== undefined) {
    for (const [key, value] of readToml(file, problems)) {
      given.set(key, { value, where: `${file.name}:${findLine(file.text, key)}` });
    }
  }
  for (const { key, value, where } of overrides) given.set(key, { value, where });
  const values = new Map<string, unknown>();
  for (const [key, { value, where }] of given) {
    const setting = settings.get(key);
    if (setting === undefined) problems.push({ where, text: unknownKey(key) });
    else {
      const read = setting.read(value);
      if (read === undefined) problems.push({ where, text: wrongValue(key, value, setting) });
      else values.set(key, read);
    }
  }
  if (problems.length > 0) {
    return { kind: "problems", problems: problems.toSorted((a, b) => lineOf(a) - lineOf(b)) };
  }
  const places = new Map([...given].map(([key, { where }]) => [key, where]));
  return { kind: "config", config: assemble(values), given: places };
}

/** By lines of the file; what was given besides it comes last. */
function lineOf({ where }: ConfigProblem): number {
  return Number(/:(\d+)$/.exec(where)?.[1] ?? Number.MAX_SAFE_INTEGER);
}

function readToml(
  file: { readonly name: string; readonly text: string },
  problems: ConfigProblem[],
): readonly (readonly [string, unknown])[] {
  let sections: Record<string, unknown>;
  try {
    sections = parse(file.text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? "";
    problems.push({ where: `${file.name}:${error.line}`, text: `This is not TOML: ${reason}.` });
    return [];
  }
  return Object.entries(sections).flatMap(([section, keys]) => {
    const isTable = typeof keys === "object" && keys !== null && !Array.isArray(keys);
    if (!isTable || !Object.hasOwn(schema, section)) {
      const text = unknownKey(section);
      problems.push({ where: `${file.name}:${findLine(file.text, section)}`, text });
      return [];
    }
    return Object.entries(keys).map(([key, value]): [string, unknown] => [
      `${section}.${key}`,
      value,
    ]);
  });
}

/** A value that may hold a secret is not repeated: problems are printed and logged. */
function wrongValue(key: string, value: unknown, setting: Setting<unknown>): string {
  const why = setting.explain?.(value);
  if (why !== undefined) return `${key}: ${why}. It must be ${setting.allowed}.`;
  if (setting.show !== undefined) return `${key} must be ${setting.allowed}.`;
  return `${key} is ${JSON.stringify(value)}; it must be ${setting.allowed}.`;
}

function unknownKey(key: string): string {
  const sections = Object.keys(schema);
  const guess = nearest(key, [...settings.keys(), ...sections]);
  const hint = guess === undefined ? "" : ` Did you mean ${guess}?`;
  return `There is no setting ${key}.${hint} All settings: golub config settings.`;
}

function assemble(values: ReadonlyMap<string, unknown>): Config {
  const config: Record<string, Record<string, unknown>> = {};
  for (const [path, setting] of settings) {
    const [section = "", key = ""] = path.split(".");
    (config[section] ??= {})[key] = values.has(path) ? values.get(path) : setting.fallback;
  }
  // Every value was read by the setting that stands in the schema at the same place.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- proved by the loop above
  return config as Config;
}
