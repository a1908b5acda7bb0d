import { Command, CommanderError } from "commander";

import { asRefusal, Refusal } from "../../base/faults.ts";
import { version } from "../version.ts";
import { addAccount } from "./account-commands.ts";
import { addAlias } from "./alias-commands.ts";
import { getWhole, print } from "./arguments.ts";
import { call } from "./call.ts";
import { addConfig } from "./config-commands.ts";
import { addDevice } from "./device-commands.ts";
import { addDomain } from "./domain-commands.ts";
import { formatStatus } from "./format.ts";
import type { CommonOptions, ServeOptions } from "./options.ts";
import { collect, withPlace } from "./place.ts";
import { addQueue } from "./queue-commands.ts";
import { serve } from "./serve.ts";
import { addStore } from "./store-command.ts";

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
    process.stderr.write(`${refusal.reason === "bug" ? unexpected(error) : refusal.text}\n`);
    process.exitCode = refusal.reason === "syntax" ? 2 : 1;
  }
}

/** What nobody foresaw: the first line for the person, all of it for whoever is asked for help. */
function unexpected(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  const isDetailed = process.env["GOLUB_DETAILS"] !== undefined;
  if (isDetailed && stack !== undefined) return stack;
  return `${message}\n(set GOLUB_DETAILS=1 and run it again to see where this comes from)`;
}

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
  addDevice(program);
  addQueue(program);
  addConfig(program);
  addStore(program);
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

function addServe(program: Command): void {
  withPlace(program.command("serve"))
    .description(
      "Start the server. Without options it listens on this machine only, standard ports + 10000.",
    )
    .option("--port-offset <n>", "added to every standard port (10000); 0 for the real ports")
    .option("--host <address>", "address to listen on (127.0.0.1)")
    .option("--domain <name>", "domain to receive mail for; may be repeated", collect)
    .option("--account <name@domain:password>", "account to make; may be repeated", collect)
    .option("--dns <server>", 'resolver: "system", "off" or ADDRESS:PORT')
    .option("--route <domain=host:port>", "send mail for a domain there; may be repeated", collect)
    .option("--store <url>", 'where mail is kept: "embedded" or postgres://…')
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
