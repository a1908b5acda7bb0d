// Sets a fresh checkout up on first use: installs the dependencies of the lock file.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fail, root } from "./node26.mjs";

const lockFile = join(root, ".cache", "set-up.pid");

/** Installs the dependencies of a checkout unless they are there; a published package has them. */
export function setUp() {
  const isCheckout = existsSync(join(root, "package-lock.json"));
  if (!isCheckout || isInstalled()) return;
  takeLock();
  try {
    if (!isInstalled()) install();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function install() {
  process.stderr.write("Setting up: installing dependencies (once, about 15 seconds) ...\n");
  // `--include` overrules NODE_ENV=production and `omit` settings, which would leave parts out.
  const args = ["ci", "--include=dev", "--include=optional", "--ignore-scripts"];
  // Of warnings, npm has one: that this Node.js is older than the one that we are about to bring.
  args.push("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error");
  // Its own report goes to the error stream: the output belongs to the command that was asked for.
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const npm = process.env.npm_execpath;
  const done =
    npm !== undefined && basename(npm) === "npm-cli.js"
      ? spawnSync(process.execPath, [npm, ...args], options)
      : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (done.status === 0) return;
  rmSync(lockFile, { force: true });
  fail(
    "Setting up failed: npm could not install the dependencies (its message is above).",
    "Check the network or the npm registry setting, then run the same command again.",
  );
}

/** True when node_modules was installed from the lock file as it stands now. */
function isInstalled() {
  const installed = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(installed);
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" ||
      present[path]?.version === entry.version ||
      (present[path] === undefined && entry.optional === true && !isForThisPlatform(entry)),
  );
}

/** True for an optional package that npm installs here, unless it was told to omit such. */
function isForThisPlatform({ os, cpu, libc }) {
  return os?.includes(process.platform) && cpu?.includes(process.arch) && libc === undefined;
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}

/** Waits while another command sets the same checkout up; a dead one's lock is taken over. */
function takeLock() {
  mkdirSync(join(root, ".cache"), { recursive: true });
  for (let isFirst = true; ; isFirst = false) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isHolderAlive()) rmSync(lockFile, { force: true });
    else if (isFirst) process.stderr.write("Waiting for another command that sets up ...\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function isHolderAlive() {
  try {
    const holder = Number(readFileSync(lockFile, "utf8"));
    if (holder > 0) process.kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
