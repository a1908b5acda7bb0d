import { type Command, Option } from "commander";

/** Gathers the values of an option that may be repeated. */
export const collect = (
  value: string,
  before: readonly string[] | undefined,
): readonly string[] => [...(before ?? []), value];

/** Options with which every command finds the server's data. */
export function withPlace(command: Command): Command {
  return command
    .addOption(new Option("--config <file>", "configuration file (TOML)").env("GOLUB_CONFIG"))
    .option("--data <dir>", 'data folder ("data" by default)')
    .option("--set <key=value>", "any setting; may be repeated", collect);
}
