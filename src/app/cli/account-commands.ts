import type { Command } from "commander";

import { getSize, print } from "./arguments.ts";
import { call } from "./call.ts";
import { formatAccounts } from "./format.ts";
import type { CommonOptions } from "./options.ts";
import { withPlace } from "./place.ts";
import { addPop3 } from "./pop3-command.ts";
import { readPassword } from "./read-password.ts";

/** `golub account …` */
export function addAccount(program: Command): void {
  const account = program.command("account").description("Accounts: who has mail here.");
  withPlace(account.command("list"))
    .description("List the accounts with what they use.")
    .action(async (options: CommonOptions) =>
      print(formatAccounts(await call(options, "account.list", {}))),
    );
  withPlace(account.command("add"))
    .argument("<address>")
    .description("Make an account. Asks for the password, or reads it from standard input.")
    .option("--name <name>", "the person's name")
    .option("--quota <size>", 'space, like "5 GiB"; 0 for no limit')
    .action(async (address: string, options: CommonOptions & { name?: string; quota?: string }) => {
      const password = await readPassword(`Password for ${address}: `);
      await call(options, "account.add", {
        address,
        password,
        name: options.name,
        quotaBytes: options.quota === undefined ? undefined : getSize(options.quota),
      });
      print(`${address}: done.`);
    });
  withPlace(account.command("password"))
    .argument("<address>")
    .description("Set a new password.")
    .action(async (address: string, options: CommonOptions) => {
      const password = await readPassword(`New password for ${address}: `);
      await call(options, "account.password", { address, password });
      print(`${address}: done.`);
    });
  withPlace(account.command("quota"))
    .argument("<address>")
    .argument("<size>", 'like "5 GiB"; 0 for no limit')
    .description("Set how much an account may keep.")
    .action(async (address: string, size: string, options: CommonOptions) => {
      await call(options, "account.quota", { address, quotaBytes: getSize(size) });
      print(`${address}: done.`);
    });
  addPop3(account);
  const acts = {
    enable: "Let an account log in again.",
    disable: "Keep an account from logging in; its mail stays.",
    remove: "Remove an account and all its mail.",
  };
  for (const [verb, about] of Object.entries(acts)) {
    withPlace(account.command(verb))
      .argument("<address>")
      .description(about)
      .action(async (address: string, options: CommonOptions) => {
        await call(options, `account.${verb}`, { address });
        print(`${address}: done.`);
      });
  }
}
