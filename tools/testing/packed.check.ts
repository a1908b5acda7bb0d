// The package check: what would be published, installed as a user does, passes one mail.
//
//   npm run package     packs, installs into empty folders, serves, sends, reads, stops
//
// It uses the npm and the Node.js of the machine, not the pinned one that runs this script. The
// last line is `N passed, N failed`.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { formatCounts, type Counts } from "../counts.ts";
import { root } from "../tree.ts";

/** Below the ports that systems hand out to whoever asks for any. */
const portOffset = 30_000;
const person = { address: "ana@golub.test", password: "lozinka za pokus" };
const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
const env = makeEnvironment();
const { version }: { version: string } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const folder = mkdtempSync(join(tmpdir(), "golub-package-"));
try {
  const tarball = join(root, ".pack", `golub-${version}.tgz`);
  const isPacked = await check("npm run pack makes the package", () => {
    run("npm", ["run", "--silent", "pack"], root);
    assert(existsSync(tarball), tarball);
  });
  if (isPacked) {
    await checkInstalled("--ignore-scripts=false", tarball);
    await checkInstalled("--ignore-scripts", tarball);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(formatCounts(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;

/** What is not there cannot be run: the first failure ends it. */
async function checkInstalled(scripts: string, tarball: string): Promise<void> {
  const project = mkdtempSync(join(folder, "project-"));
  const steps: Readonly<Record<string, () => void | Promise<void>>> = {
    [`npm install ${scripts} puts it into an empty project`]() {
      writeFileSync(join(project, "package.json"), '{ "name": "empty", "private": true }');
      const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
      run("npm", ["install", scripts, ...quiet, tarball], project);
    },
    "golub says its version"() {
      assert.equal(run("npx", ["--yes=false", "golub", "--version"], project).trim(), version);
    },
    "golub serve passes one mail from SMTP to POP3, and stops when npx is stopped": () =>
      passOneMail(project),
    "golub why tells its way when the server is stopped"() {
      const args = ["--yes=false", "golub", "why", person.address, "--data", "data"];
      assert.match(run("npx", args, project), /stored for ana@golub\.test in INBOX/);
    },
  };
  for (const [name, act] of Object.entries(steps)) if (!(await check(name, act))) return;
}

async function passOneMail(project: string): Promise<void> {
  const options = ["--data", "data", "--port-offset", String(portOffset), "--dns", "off"];
  options.push("--account", `${person.address}:${person.password}`, "--ready-file", "ready.json");
  const server = spawn("npx", ["--yes=false", "golub", "serve", "--trial", ...options], {
    cwd: project,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    const port = await readPorts(join(project, "ready.json"), server);
    await converse(port("smtp"), [
      [/^220 /, "EHLO there.test"],
      [/^250 /, "MAIL FROM:<>"],
      [/^250 /, `RCPT TO:<${person.address}>`],
      [/^250 /, "DATA"],
      [/^354 /, "Subject: one mail through the package\r\n\r\nHello.\r\n."],
      [/^250 /, "QUIT"],
      [/^221 /],
    ]);
    const read = await converse(port("pop3"), [
      [/^\+OK/, `USER ${person.address}`],
      [/^\+OK/, `PASS ${person.password}`],
      [/^\+OK/, "RETR 1"],
      [/^\.$/, "QUIT"],
      [/^\+OK/],
    ]);
    assert(read.includes("Subject: one mail through the package") && read.includes("Hello."));
  } finally {
    server.kill("SIGTERM");
  }
  // npx ends at once, its shell with it; the server notices, stops cleanly, and outlives it a moment.
  const { pid }: { pid: number } = JSON.parse(readFileSync(join(project, "ready.json"), "utf8"));
  for (let tries = 0; isAlive(pid); tries++) {
    assert(tries < 200, "the server outlived npx by 10 s");
    await wait(50);
  }
}

/** Ports by protocol, when all of them accept. */
async function readPorts(file: string, server: { readonly exitCode: number | null }) {
  for (let tries = 0; !existsSync(file); tries++) {
    assert(server.exitCode === null, `the server ended with ${server.exitCode}`);
    assert(tries < 600, "the server did not start in 30 s");
    await wait(50);
  }
  const facts: { readonly listeners: readonly { protocol: string; port: number }[] } = JSON.parse(
    readFileSync(file, "utf8"),
  );
  const ports = new Map(facts.listeners.map(({ protocol, port }) => [protocol, port]));
  return (protocol: string): number => ports.get(protocol) ?? 0;
}

/** Waits for a line that matches, then says the next; gives back all lines that came. */
async function converse(port: number, script: readonly (readonly [RegExp, string?])[]) {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8").setTimeout(10_000);
  socket.on("timeout", () => socket.destroy(new Error("no answer in 10 s")));
  const lines: string[] = [];
  let at = 0;
  let partial = "";
  for await (const part of socket) {
    const whole = `${partial}${part}`.split("\r\n");
    partial = whole.pop() ?? "";
    for (const line of whole) {
      lines.push(line);
      const [expected, answer] = script[at] ?? [];
      if (expected?.test(line) !== true) continue;
      at++;
      if (answer !== undefined) socket.write(`${answer}\r\n`);
    }
  }
  assert.equal(at, script.length, `it ended early:\n${lines.join("\n")}`);
  return lines;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process any more
  }
}

async function check(name: string, act: () => void | Promise<void>): Promise<boolean> {
  const began = performance.now();
  try {
    await act();
    counts.passed++;
    console.log(`ok    ${name} (${Math.round(performance.now() - began)} ms)`);
    return true;
  } catch (error) {
    counts.failed++;
    console.log(`FAIL  ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    return false;
  }
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, env, encoding: "utf8", timeout: 120_000 });
}

/** As in a user's shell: without what npm hands down, and without the pinned Node.js in front. */
function makeEnvironment(): NodeJS.ProcessEnv {
  const isOwn = (path: string): boolean => path.startsWith(join(root, "node_modules"));
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((part) => !isOwn(part));
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(?:registry|cache|userconfig)$)|^NODE_/i.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}
