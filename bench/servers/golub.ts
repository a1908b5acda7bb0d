import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { LineClient } from "../load/line-client.ts";
import { cpuSecondsOf, residentBytesOf } from "./process-figures.ts";
import type { BenchServer } from "./server.ts";

const user = "ana@bench.example";
const password = "bench-password";

/** Starts the server as a user would, on ports of its own. Also says how long that took. */
export async function startGolub(options: {
  readonly portOffset: number;
  readonly settings?: readonly string[];
}): Promise<BenchServer & { readonly startedInMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), "golub-bench-"));
  const ready = join(folder, "ready.json");
  const settings = ["limits.quota=0", "log.level=warn", ...(options.settings ?? [])];
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      "src/app/main.ts",
      "serve",
      ...["--data", join(folder, "data"), "--port-offset", String(options.portOffset)],
      ...["--account", `${user}:${password}`, "--dns", "off", "--ready-file", ready],
      ...settings.flatMap((setting) => ["--set", setting]),
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  while (!existsSync(ready)) {
    if (child.exitCode !== null) throw new Error("the server ended at once");
    await wait(5);
  }
  const startedInMs = performance.now() - began;
  const facts: { pid: number; listeners: { protocol: string; port: number }[] } = JSON.parse(
    readFileSync(ready, "utf8"),
  );
  const portOf = (protocol: string) =>
    facts.listeners.find((listener) => listener.protocol === protocol)?.port ?? 0;
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
    startedInMs,
    cpuSeconds: () => cpuSecondsOf([facts.pid]),
    residentBytes: () => residentBytesOf([facts.pid]),
    waitForMessages: (count) => waitForMessages(ports.imap, user, password, count),
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
