import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PostgreSQL of our own, reached over a socket in its folder. */
export interface PrivatePostgres {
  /** Of the database `postgres`, as a user that may do everything. */
  readonly url: string;
  /** "immediate" is what a power cut leaves: nothing is written before. */
  stop(mode: "fast" | "immediate"): void;
  start(): void;
  /** Stops it and removes its folder. */
  remove(): void;
}

/** PostgreSQL refuses to run as root. */
const asUser =
  process.getuid?.() === 0
    ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    : ["env"];

/**
 * Makes and starts one, installing PostgreSQL where that is ours to do (root on Debian).
 * @throws Error saying what is missing.
 */
export function startPrivatePostgres(options: { readonly isDurable: boolean }): PrivatePostgres {
  const programs = findPrograms() ?? installPrograms();
  const memory = "/dev/shm";
  // Tests that flush nothing may as well live in memory.
  const parent = !options.isDurable && existsSync(memory) ? memory : tmpdir();
  const folder = mkdtempSync(join(parent, "golub-postgres-"));
  const data = join(folder, "data");
  mkdirSync(data);
  if (asUser.length > 1) execFileSync("chown", ["-R", "postgres", folder]);
  chmodSync(folder, 0o711);
  const run = (program: string, args: readonly string[]) => {
    const command = [...asUser, join(programs, program), ...args];
    // The server keeps what it inherits open: nobody would see the end of a pipe.
    const { status } = spawnSync(command[0] ?? "", command.slice(1), {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`${program} ended with ${status}; see ${folder}/log`);
  };
  run("initdb", ["-D", data, "-U", "golub", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"]);
  const settings = {
    listen_addresses: "''",
    unix_socket_directories: folder,
    max_connections: 200,
    ...(options.isDurable ? {} : { fsync: "off", full_page_writes: "off" }),
  };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const control = (...args: readonly string[]) => run("pg_ctl", ["-D", data, "-w", ...args]);
  const start = () => control("-l", join(folder, "log"), "-o", flags.join(" "), "start");
  start();
  return {
    url: `postgres://golub@${encodeURIComponent(folder)}/postgres`,
    start,
    stop: (mode) => control("-m", mode, "stop"),
    remove: () => {
      control("-m", "immediate", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where Debian and others keep the programs that are not on the path; the newest version. */
function findPrograms(): string | undefined {
  for (const parent of ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/usr/pgsql"]) {
    if (!existsSync(parent)) continue;
    const versions = readdirSync(parent).sort((a, b) => Number(b) - Number(a));
    for (const version of versions) {
      const programs = join(parent, version, "bin");
      if (existsSync(join(programs, "initdb"))) return programs;
    }
  }
  return undefined;
}

function installPrograms(): string {
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const stdio = ["ignore", "ignore", "inherit"] as const;
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    execFileSync("apt-get", ["-qq", "update"], { stdio: [...stdio], env });
    const args = ["-qq", "install", "-y", "--no-install-recommends", "postgresql-15"];
    execFileSync("apt-get", args, { stdio: [...stdio], env });
  }
  const programs = findPrograms();
  if (programs === undefined) throw new Error("PostgreSQL is not installed: postgresql-15");
  return programs;
}
