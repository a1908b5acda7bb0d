import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { LineClient } from "../load/line-client.ts";
import { cpuSecondsOf, residentBytesOf } from "./process-figures.ts";
import type { BenchServer } from "./server.ts";

const user = "ana@bench.example";
const password = "bench-password";

/** Starts the server as a user would, by its launcher, on ports of its own. */
export async function startGolub(options: {
  readonly portOffset: number;
  readonly settings?: readonly string[];
}): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), "golub-bench-"));
  const settings = ["limits.quota=0", "log.level=warn", ...(options.settings ?? [])];
  const args = [
    ...["bin/golub.mjs", "serve"],
    ...["--data", join(folder, "data"), "--port-offset", String(options.portOffset)],
    ...["--account", `${user}:${password}`, "--dns", "off"],
    ...["--ready-file", join(folder, "ready.json")],
    ...settings.flatMap((setting) => ["--set", setting]),
  ];
  let running = await run(args, folder);
  const portOf = (protocol: string) =>
    running.facts.listeners.find((listener) => listener.protocol === protocol)?.port ?? 0;
  const ports = {
    smtp: portOf("smtp"),
    imap: portOf("imap"),
    imaps: portOf("imaps"),
    pop3: portOf("pop3"),
  };
  return {
    name: "golub",
    ports,
    user,
    password,
    recipient: user,
    startedInMs: running.startedInMs,
    cpuSeconds: () => cpuSecondsOf([running.facts.pid]),
    residentBytes: () => residentBytesOf([running.facts.pid]),
    waitForMessages: (count) => waitForMessages(ports.imap, user, password, count),
    async restart() {
      await end(running.child);
      running = await run(args, folder);
    },
    async stop() {
      await end(running.child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface ReadyFacts {
  readonly pid: number;
  readonly listeners: readonly { readonly protocol: string; readonly port: number }[];
}

async function run(args: readonly string[], folder: string) {
  const ready = join(folder, "ready.json");
  rmSync(ready, { force: true });
  // Below npm the launcher would stay as a parent; a service starts it without.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")),
  );
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], env });
  while (!existsSync(ready)) {
    if (child.exitCode !== null) throw new Error("the server ended at once");
    await wait(2);
  }
  const startedInMs = performance.now() - began;
  const facts: ReadyFacts = JSON.parse(readFileSync(ready, "utf8"));
  return { child, startedInMs, facts };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  await ended;
}

/** Asks by IMAP until INBOX holds as many messages. */
export async function waitForMessages(
  port: number,
  name: string,
  secret: string,
  count: number,
): Promise<void> {
  const client = await LineClient.open(port);
  await client.line();
  client.send(`a LOGIN ${name} ${secret}\r\n`);
  await client.skipUntil("a OK");
  for (;;) {
    client.send("b STATUS INBOX (MESSAGES)\r\n");
    const found = /MESSAGES (\d+)/.exec(await client.line())?.[1];
    await client.skipUntil("b OK");
    if (Number(found) >= count) break;
    await wait(20);
  }
  client.close();
}
