// Runs a script of this project with the right Node.js and ends as it ends.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fail, findNode, root } from "./node26.mjs";
import { setUp } from "./set-up.mjs";

/**
 * Runs `script` (a path within this project) with `args`. Where a program can replace itself
 * (`execve`: Node.js 22.15 and later, but not Windows) nothing of the launcher stays. Elsewhere,
 * and below npm, which sends every signal a second time, the script is a child.
 */
export function launch(script, args) {
  setUp();
  const node = findNode();
  const command = [findScript(script), ...args];
  const env = { ...process.env };
  // Compiled code is kept between runs: a start with it takes about half the time.
  env.NODE_COMPILE_CACHE ??= join(root, "node_modules", ".cache", "compiled");
  const isBelowNpm =
    env.npm_package_json === join(root, "package.json") || env.npm_lifecycle_event === "npx";
  if (process.execve !== undefined && process.platform !== "win32" && !isBelowNpm) {
    process.removeAllListeners("warning"); // "execve is experimental" is no news to the user
    process.execve(node, [node, ...command], env);
  }
  runAsChild(node, command, env);
  // npm waits for what it started; a shell that started us in the background need not.
  if (isBelowNpm) endWithParent();
}

/** A checkout has TypeScript; in the published package it was made JavaScript in the same place. */
function findScript(script) {
  const path = join(root, script);
  return existsSync(path) ? path : path.replace(/\.ts$/, ".js");
}

/** The child is told of signals instead of sent them: attach.mjs knows which it has had. */
function runAsChild(node, command, env) {
  const attach = pathToFileURL(join(root, "bin", "attach.mjs")).href;
  const child = spawn(node, [`--import=${attach}`, ...command], {
    env,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.connected && child.send({ signal }, () => undefined));
  }
  child.on("error", (error) => fail(`Node.js could not be started: ${node}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** A killed npm would leave us and the child behind for ever: end, and the child stops cleanly. */
function endWithParent() {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(1), 250).unref();
}
