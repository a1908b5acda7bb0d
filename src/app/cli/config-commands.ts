import type { Command } from "commander";

import { Refusal } from "../../base/faults.ts";
import { allSettings, readConfig } from "../config/read-config.ts";
import { showConfig } from "../config/show-config.ts";
import { referencePage } from "../config/reference-page.ts";
import { print } from "./arguments.ts";
import { getConfig, readConfigFile } from "./options.ts";
import type { CommonOptions } from "./options.ts";
import { withPlace } from "./place.ts";

/** `golub config …` */
export function addConfig(program: Command): void {
  const config = program.command("config").description("The configuration file.");
  config
    .command("check")
    .argument("<file>")
    .description("Check a file: every problem with its line and what would be right.")
    .action((file: string) => {
      const answer = readConfig(readConfigFile(file), []);
      if (answer.kind === "config") return print(`${file}: no problems.`);
      const lines = answer.problems.map(({ where, text }) => `${where}: ${text}`);
      throw new Refusal("syntax", lines.join("\n"));
    });
  withPlace(config.command("show"))
    .description("Show the value of every setting as it counts now.")
    .action((options: CommonOptions) => {
      print(showConfig(getConfig(options)));
    });
  config
    .command("settings")
    .description("Explain every setting, as a page in Markdown.")
    .action(() => print(referencePage(allSettings())));
}
