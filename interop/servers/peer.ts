import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { until } from "../world.ts";

/** Another mail server, started for the interop run. */
export interface Peer {
  readonly name: string;
  /** It keeps mail for any user of this domain. */
  readonly domain: string;
  readonly port: number;
  /** Folder below which it keeps delivered mail as files. */
  readonly mail: string;
  stop(): Promise<void>;
}

/** What a peer is told: its place, its ports, and where mail for us goes. */
export interface PeerPlan {
  readonly folder: string;
  readonly port: number;
  readonly golubDomain: string;
  readonly golubPort: number;
}

/**
 * Unpacks Debian packages without installing them: the mail servers of Debian exclude each other.
 * Returns the folder that stands for "/".
 */
export function unpackPackages(folder: string, names: readonly string[]): string {
  const root = join(folder, "root");
  mkdirSync(root, { recursive: true });
  execFileSync("apt-get", ["download", "-qq", "-o", "APT::Sandbox::User=root", ...names], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".deb"))) {
    execFileSync("dpkg", ["-x", join(folder, file), root]);
  }
  return root;
}

/** Makes a system user, as the package's installation would. */
export function ensureUser(name: string): void {
  try {
    execFileSync("id", ["-u", name], { stdio: "ignore" });
  } catch {
    const shell = ["--shell", "/usr/sbin/nologin", "--home-dir", "/nonexistent"];
    execFileSync("useradd", ["--system", "--user-group", ...shell, name]);
  }
}

/** Starts a program that stays in the foreground. */
export function startProgram(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: "ignore" });
}

export async function stopProgram(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  for (let tries = 0; child.exitCode === null && child.signalCode === null && tries < 50; tries++) {
    await wait(50);
  }
  child.kill("SIGKILL");
}

/** Waits until something accepts connections there. */
export async function waitForPort(port: number): Promise<void> {
  await until(`a listener on ${port}`, async () => {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () =>
        resolve(false),
      );
      socket.on("connect", () => socket.destroy());
    });
    return isOpen ? true : undefined;
  });
}

/** Text of the files below `folder` that contain `mark`. */
export function filesWith(folder: string, mark: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .filter((text) => text.includes(mark));
}
