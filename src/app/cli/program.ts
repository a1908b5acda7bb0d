import { readFileSync } from "node:fs";

import { Command, CommanderError } from "commander";

import { asRefusal, Refusal } from "../../base/faults.ts";
import { allSettings, readConfig } from "../config/read-config.ts";
import { referencePage } from "../config/reference-page.ts";
import { version } from "../version.ts";
import { call } from "./call.ts";
import { findBytes } from "../config/setting.ts";
import {
  formatAccounts,
  formatQueue,
  formatQueueEntry,
  formatStatus,
  formatTable,
} from "./format.ts";
import { getConfig } from "./options.ts";
import type { CommonOptions, ServeOptions } from "./options.ts";
import { readPassword } from "./read-password.ts";
import { serve } from "./serve.ts";

/**
 * Runs the command line. Problems end as sentences on standard error: exit code 2 for a command
 * that cannot be understood, 1 for one that could not be done.
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const refusal = asRefusal(error);
    const text = refusal.reason === "bug" ? (refusal.detail ?? refusal.text) : refusal.text;
    process.stderr.write(`${text}\n`);
    process.exitCode = refusal.reason === "syntax" ? 2 : 1;
  }
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function buildProgram(): Command {
  const program = new Command("golub")
    .description("Golub, the mail server: SMTP, IMAP4, POP3 and web in one program.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(golub --help shows all commands)")
    .configureHelp({ sortSubcommands: true });
  addServe(program);
  addDomain(program);
  addAccount(program);
  addAlias(program);
  addQueue(program);
  addConfig(program);
  withPlace(program.command("why"))
    .description("Tell where a message went and why: by Message-ID, address or journey id.")
    .argument("<handle>", "Message-ID, address, or the id that the server gave in its 250 answer")
    .option("--limit <n>", "show at most so many messages", "10")
    .action(async (handle: string, options: CommonOptions & { limit: string }) => {
      const found = await call(options, "why", {
        handle,
        limit: getWhole("--limit", options.limit),
      });
      const rows: readonly { readonly lines: readonly string[] }[] = Array.isArray(found)
        ? found
        : [];
      if (rows.length === 0) throw new Refusal("noSuchMessage", `Nothing is known of ${handle}.`);
      print(rows.map(({ lines }) => lines.join("\n")).join("\n\n"));
    });
  withPlace(program.command("status"))
    .description("Show what the running server does.")
    .action(async (options: CommonOptions) =>
      print(formatStatus(await call(options, "server.status", {}))),
    );
  withPlace(program.command("reload"))
    .description("Read configuration and certificates again, without dropping connections.")
    .action(async (options: CommonOptions) => {
      const result = await call(options, "server.reload", {});
      const changes =
        typeof result === "object" && result !== null && "changes" in result ? result.changes : [];
      print(Array.isArray(changes) ? changes.join("\n") : "");
    });
  return program;
}

/** Options with which every command finds the server's data. */
function withPlace(command: Command): Command {
  return command
    .option("--config <file>", "configuration file (TOML)")
    .option("--data <dir>", 'data folder ("data" by default)')
    .option("--set <key=value>", "any setting; may be repeated", collect, []);
}

function addServe(program: Command): void {
  withPlace(program.command("serve"))
    .description(
      "Start the server. Without options it listens on this machine only, standard ports + 10000.",
    )
    .option("--port-offset <n>", "added to every standard port; 0 for the real ports")
    .option("--host <address>", "address to listen on")
    .option("--domain <name>", "domain to receive mail for; may be repeated", collect, [])
    .option("--account <name@domain:password>", "account to make; may be repeated", collect, [])
    .option("--dns <server>", 'resolver: "system", "off" or HOST:PORT')
    .option(
      "--route <domain=host:port>",
      "send mail for a domain there; may be repeated",
      collect,
      [],
    )
    .option("--store <url>", "where mail is kept")
    .option("--ready-file <file>", "written as JSON when every listener accepts")
    .option("--trial", "make a first account, welcome it, and show what to try")
    .addHelpText(
      "after",
      `
Examples:
  golub serve --trial
  golub serve --config /etc/golub.toml
  golub serve --data /tmp/a --port-offset 20000 --account ana@example.org:secret --dns off`,
    )
    .action((options: ServeOptions) => serve(options));
}

function addDomain(program: Command): void {
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
        print(`${name}: done.`);
      });
  }
}

function addAccount(program: Command): void {
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

function addAlias(program: Command): void {
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

function addQueue(program: Command): void {
  const queue = program.command("queue").description("Mail that waits to be sent on.");
  withPlace(queue.command("list"))
    .description("List what waits, oldest first.")
    .action(async (options: CommonOptions) =>
      print(formatQueue(await call(options, "queue.list", {}))),
    );
  withPlace(queue.command("show"))
    .argument("<id>")
    .description("Show one message with the last answer for each recipient.")
    .action(async (id: string, options: CommonOptions) => {
      print(formatQueueEntry(await call(options, "queue.show", { id: getWhole("id", id) })));
    });
  const acts = {
    retry: "Try again now.",
    hold: "Keep it from being sent until released.",
    release: "Let it be sent again.",
  };
  for (const [verb, about] of Object.entries(acts)) {
    withPlace(queue.command(verb))
      .argument("<id>")
      .description(about)
      .action(async (id: string, options: CommonOptions) => {
        await call(options, `queue.${verb}`, { id: getWhole("id", id) });
        print(`${id}: done.`);
      });
  }
  withPlace(queue.command("remove"))
    .argument("<id>")
    .option("--notice", "tell the sender that it was not delivered")
    .description("Take a message out.")
    .action(async (id: string, options: CommonOptions & { notice?: boolean }) => {
      await call(options, "queue.remove", {
        id: getWhole("id", id),
        notice: options.notice === true,
      });
      print(`${id}: done.`);
    });
}

function addConfig(program: Command): void {
  const config = program.command("config").description("The configuration file.");
  config
    .command("check")
    .argument("<file>")
    .description("Check a file: every problem with its line and what would be right.")
    .action((file: string) => {
      const answer = readConfig({ name: file, text: readFileSync(file, "utf8") }, []);
      if (answer.kind === "config") return print(`${file}: no problems.`);
      const lines = answer.problems.map(({ where, text }) => `${where}: ${text}`);
      throw new Refusal("syntax", lines.join("\n"));
    });
  withPlace(config.command("show"))
    .description("Show the value of every setting as it counts now.")
    .action((options: CommonOptions) => {
      const values = getConfig(options);
      const lines = Object.entries(values).flatMap(([section, keys]) =>
        Object.entries(keys).map(([key, value]) => `${section}.${key} = ${JSON.stringify(value)}`),
      );
      print(lines.join("\n"));
    });
  config
    .command("settings")
    .description("Explain every setting, as a page in Markdown.")
    .action(() => print(referencePage(allSettings())));
}

function getWhole(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal("syntax", `${name} is ${text}; it must be a whole number.`);
}

function getSize(text: string): number {
  const bytes = findBytes(text);
  if (bytes !== undefined) return bytes;
  throw new Refusal("syntax", `${text} is no size; write it like "5 GiB".`);
}

function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}
