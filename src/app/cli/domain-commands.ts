import type { Command } from "commander";

import { print } from "./arguments.ts";
import { call } from "./call.ts";
import { formatZone } from "./format-zone.ts";
import { formatTable } from "./format.ts";
import type { CommonOptions } from "./options.ts";
import { withPlace } from "./place.ts";

/** `golub domain …` */
export function addDomain(program: Command): void {
  const domain = program.command("domain").description("Domains that mail is received for.");
  withPlace(domain.command("list"))
    .description("List the domains.")
    .action(async (options: CommonOptions) =>
      print(formatTable(await call(options, "domain.list", {}))),
    );
  for (const verb of ["add", "remove"]) {
    withPlace(domain.command(verb))
      .argument("<name>")
      .description(verb === "add" ? "Add a domain." : "Remove a domain that nobody uses any more.")
      .action(async (name: string, options: CommonOptions) => {
        await call(options, `domain.${verb}`, { domain: name });
        print(
          `${name}: done.${verb === "add" ? ` Its DNS records: golub domain dns ${name}` : ""}`,
        );
      });
  }
  withPlace(domain.command("dns"))
    .argument("<name>")
    .description("Print the DNS records that a domain needs, as lines of a zone file.")
    .action(async (name: string, options: CommonOptions) =>
      print(formatZone(await call(options, "domain.dns", { domain: name }))),
    );
}
