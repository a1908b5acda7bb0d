import type { Command } from "commander";

import { print } from "./arguments.ts";
import { call } from "./call.ts";
import { formatTable } from "./format.ts";
import type { CommonOptions } from "./options.ts";
import { withPlace } from "./place.ts";

/** `golub alias …` */
export function addAlias(program: Command): void {
  const alias = program
    .command("alias")
    .description("Aliases; the alias @domain catches all the rest.");
  withPlace(alias.command("list"))
    .description("List the aliases.")
    .action(async (options: CommonOptions) =>
      print(formatTable(await call(options, "alias.list", {}))),
    );
  withPlace(alias.command("put"))
    .argument("<address>")
    .argument("<targets...>")
    .description("Make an alias, or give it other targets.")
    .action(async (address: string, targets: readonly string[], options: CommonOptions) => {
      await call(options, "alias.put", { address, targets });
      print(`${address}: done.`);
    });
  withPlace(alias.command("remove"))
    .argument("<address>")
    .description("Remove an alias.")
    .action(async (address: string, options: CommonOptions) => {
      await call(options, "alias.remove", { address });
      print(`${address}: done.`);
    });
}
