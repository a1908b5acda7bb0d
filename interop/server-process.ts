import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

export interface Person {
  readonly address: string;
  readonly password: string;
}

export interface ServerPlan {
  /** Data folder; started again on the same one, the server has what it had. */
  readonly data: string;
  /** Written by the server when it accepts connections. */
  readonly readyFile: string;
  readonly portOffset: number;
  readonly domain: string;
  readonly people: readonly Person[];
  /** Further options of `golub serve`. */
  readonly options?: readonly string[];
}

/** The server as a process of its own, started as a user would start it. */
export interface ServerProcess {
  readonly pid: number;
  /** Ports by protocol. */
  readonly ports: ReadonlyMap<string, number>;
  /** What it has written to its log so far, by lines. */
  readonly log: readonly string[];
  readonly isRunning: boolean;
  /** @throws Error when there is no such listener. */
  port(protocol: string): number;
  /** Sends a signal and waits for the end. @returns the exit code, undefined when it was killed. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | undefined>;
}

/** Starts the server. @throws Error with its log when it does not accept connections. */
export async function startServerProcess(plan: ServerPlan): Promise<ServerProcess> {
  rmSync(plan.readyFile, { force: true });
  const accounts = plan.people.map(({ address, password }) => `${address}:${password}`);
  const child = spawn(
    process.execPath,
    [
      ...["src/app/main.ts", "serve", "--data", plan.data],
      ...["--port-offset", String(plan.portOffset), "--ready-file", plan.readyFile],
      ...["--domain", plan.domain, "--dns", "off"],
      ...accounts.flatMap((account) => ["--account", account]),
      ...["--set", "log.level=warn", ...(plan.options ?? [])],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const log: string[] = [];
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    log.push(...lines);
  });
  const exited = new Promise<number | undefined>((resolve) => {
    child.once("exit", (code) => resolve(code ?? undefined));
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  for (let tries = 0; !existsSync(plan.readyFile); tries++) {
    if (!isRunning() || tries > 600) {
      child.kill("SIGKILL");
      throw new Error(`the server did not start:\n${log.join("\n")}`);
    }
    await wait(25);
  }
  const facts: { listeners: { protocol: string; port: number }[] } = JSON.parse(
    readFileSync(plan.readyFile, "utf8"),
  );
  const ports = new Map(facts.listeners.map(({ protocol, port }) => [protocol, port]));
  return {
    pid: child.pid ?? 0,
    ports,
    log,
    get isRunning() {
      return isRunning();
    },
    port(protocol) {
      const port = ports.get(protocol);
      if (port === undefined) throw new Error(`no listener ${protocol}`);
      return port;
    },
    end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

/** A port offset from `first` on that nobody uses: the same suite may run elsewhere, too. */
export async function findPortOffset(first: number): Promise<number> {
  // No two standard ports are this far from each other.
  const step = 7;
  for (let offset = first; offset < first + 20 * step; offset += step) {
    if (await isFree(25 + offset)) return offset;
  }
  throw new Error(`ports from ${first} on are all in use`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
