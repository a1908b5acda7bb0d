import { existsSync } from "node:fs";

import { parseOwnDomain } from "../../accounts/address.ts";
import { provision } from "../../accounts/provision.ts";
import { Refusal } from "../../base/faults.ts";
import { createRealClock } from "../../net/real-clock.ts";
import { createRealNetwork } from "../../net/real-network.ts";
import { createRealRandom } from "../../net/real-random.ts";
import { createResolver } from "../create-resolver.ts";
import type { Config } from "../config/schema.ts";
import { createLineLog } from "../line-log.ts";
import { createLineWriter } from "../line-writer.ts";
import { clearReadyFile, writeReadyFile } from "../ready-file.ts";
import { startServer } from "../start-server.ts";
import type { RunningServer } from "../start-server.ts";
import { version } from "../version.ts";
import { openStore } from "./open-store.ts";
import { getConfig, parseAskedAccount } from "./options.ts";
import type { ServeOptions } from "./options.ts";
import { findTrialAccount, sendWelcome } from "./trial.ts";
import { trialBanner } from "./banner.ts";

/** `golub serve`: starts, says where, and serves until it is told to stop. */
export async function serve(options: ServeOptions): Promise<void> {
  const config = getConfig(options);
  const asked = (options.account ?? []).map(parseAskedAccount);
  // As A-labels: the first of them becomes part of the server's own name.
  const named = [...(options.domain ?? []), ...asked.map(domainOf)].map(parseOwnDomain);
  const command = commandFor(config);
  const clock = createRealClock();
  const random = createRealRandom();
  if (options.readyFile !== undefined) clearReadyFile(options.readyFile);
  // Whoever reads our words may go before us (a pipe, a log collector): mail goes on without them.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);
  const { writeLine, flush } = createLineWriter((text) => void process.stderr.write(text));
  process.on("exit", flush);
  const log = createLineLog({
    clock,
    level: config.log.level,
    format: config.log.format,
    writeLine,
  });
  const store = await openStore(config, { clock, random, log });
  const stored = (await store.directory.domains()).map(({ name }) => name);
  const domains = [...new Set([...named, ...stored])];
  const trial =
    options.trial === true ? await findTrialAccount(store, { asked, domains, random }) : undefined;
  if (trial !== undefined && domains.length === 0) domains.push(domainOf(trial));
  const accounts = trial === undefined ? asked : [...asked, trial];
  const network = createRealNetwork({ clock, log });
  const resolver = createResolver(config.dns.server, { clock, random, network });
  const server = await startServer({
    readConfig: () => getConfig(options),
    ports: { clock, random, log, network, resolver, store },
    version,
    domains,
    async prepare({ directory, passwords }) {
      const wanted = { domains: options.domain ?? [], accounts, quotaBytes: config.limits.quota };
      await provision(directory, passwords, wanted);
    },
  });
  stopOnSignals(server);
  try {
    if (trial !== undefined) await sendWelcome(server, { network, clock, random }, trial, command);
    if (options.readyFile !== undefined) writeReadyFile(options.readyFile, server.listeners);
  } catch (error) {
    // Whoever waits for it would wait for ever, beside a server that seems to run.
    await server.stop();
    throw error;
  }
  if (options.trial === true) {
    process.stdout.write(trialBanner({ config, listeners: server.listeners, accounts, command }));
  } else if ((await server.services.directory.accounts()).length === 0) {
    writeLine("There is no account yet. Make one: golub account add NAME@DOMAIN");
  }
}

/** How to call the command from here: in a checkout nobody has put it on the path. */
function commandFor(config: Config): (verb: string) => string {
  const program = existsSync("bin/golub.mjs") ? "bin/golub.mjs" : "golub";
  return (verb) => `${program} ${verb} --data ${config.server.dataFolder}`;
}

function domainOf({ address }: { readonly address: string }): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

/** Ctrl-C and SIGTERM stop politely, a second time at once; SIGHUP reloads. */
function stopOnSignals(server: RunningServer): void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(130);
    isStopping = true;
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`Stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  process.on("SIGHUP", () => {
    server.reload().catch((error: unknown) => {
      const text = error instanceof Refusal ? error.text : String(error);
      process.stderr.write(`Not reloaded, everything stays as it was:\n${text}\n`);
    });
  });
}
