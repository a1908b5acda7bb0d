import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A started server and what is needed to talk to it. */
export interface World {
  /** Removed at the end. */
  readonly folder: string;
  readonly ports: ReadonlyMap<string, number>;
  port(protocol: string): number;
  readonly domain: string;
  readonly ana: Person;
  readonly boris: Person;
  /** CA file that makes the server's certificate valid. */
  readonly certificate: string;
  /** An empty folder for one case. */
  subfolder(name: string): string;
  /** Runs a program to its end. @throws Error with its output when it fails or takes too long. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs the server's own command line; `codes` are the exit codes that count as success. */
  golub(args: readonly string[], input?: string, codes?: readonly number[]): Promise<string>;
  stop(): Promise<void>;
}

export interface Person {
  readonly address: string;
  readonly password: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Exit codes that count as success. */
  readonly codes?: readonly number[];
}

/** One thing that a real program must be able to do. */
export interface InteropCase {
  readonly name: string;
  /** Debian packages that it needs. */
  readonly packages: readonly string[];
  run(world: World): Promise<void>;
}

/** Starts the server for interop on ports of its own. `options` go to `golub serve`. */
export async function startWorld(
  portOffset: number,
  options: readonly string[] = [],
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "golub-interop-"));
  // Other mail servers run as users of their own and must get at their folders in here.
  chmodSync(folder, 0o755);
  const domain = "golub.test";
  const ana = { address: `ana@${domain}`, password: "lozinka ana 1" };
  const boris = { address: `boris@${domain}`, password: "borisova lozinka 2" };
  const data = join(folder, "data");
  const ready = join(folder, "ready.json");
  const child = spawn(
    process.execPath,
    [
      "src/app/main.ts",
      "serve",
      ...["--data", data, "--port-offset", String(portOffset), "--ready-file", ready],
      ...["--domain", domain, "--dns", "off"],
      ...["--account", `${ana.address}:${ana.password}`],
      ...["--account", `${boris.address}:${boris.password}`],
      ...["--set", "log.level=warn", ...options],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  for (let tries = 0; !existsSync(ready); tries++) {
    if (child.exitCode !== null || tries > 600) throw new Error("the server did not start");
    await wait(50);
  }
  const facts: { listeners: { protocol: string; port: number }[] } = JSON.parse(
    readFileSync(ready, "utf8"),
  );
  const ports = new Map(facts.listeners.map(({ protocol, port }) => [protocol, port]));
  const world: World = {
    folder,
    ports,
    domain,
    ana,
    boris,
    certificate: join(data, "tls", "cert.pem"),
    port(protocol) {
      const port = ports.get(protocol);
      if (port === undefined) throw new Error(`no listener ${protocol}`);
      return port;
    },
    subfolder(name) {
      const path = join(folder, name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    run,
    golub: (args, input = "", codes = [0]) =>
      run(process.execPath, ["src/app/main.ts", ...args, "--data", data], { input, codes }),
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.environment };
    const limits = { timeout: options.timeoutMs ?? 30_000, maxBuffer: 64 * 2 ** 20 };
    const child = execFile(program, args, { ...limits, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      const codes: readonly unknown[] = options.codes ?? [0];
      if (codes.includes(code)) resolve(stdout + stderr);
      else reject(new Error(`${program} ended with ${String(code)}\n${stdout}\n${stderr}`));
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

/** Tries until `find` gives something. @throws Error naming `what` after `timeoutMs`. */
export async function until<Value>(
  what: string,
  find: () => Promise<Value | undefined>,
  timeoutMs = 20_000,
): Promise<Value> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const value = await find();
    if (value !== undefined) return value;
    await wait(100);
  }
  throw new Error(`${what} did not happen in ${timeoutMs} ms`);
}
