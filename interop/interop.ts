import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";

import { startPrivatePostgres } from "../tools/testing/private-postgres.ts";
import { pythonCases } from "./clients/python.ts";
import { readingCases } from "./clients/reading.ts";
import { sendingCases } from "./clients/sending.ts";
import { commandLineCases } from "./command-line.ts";
import { peerRoutes, serverCases } from "./servers/server-cases.ts";
import { startWorld } from "./world.ts";
import type { InteropCase } from "./world.ts";

const { values: options, positionals } = parseArgs({
  options: { store: { type: "string" } },
  allowPositionals: true,
});
if (options.store !== undefined && options.store !== "postgres") {
  console.error("--store postgres runs the cases on a PostgreSQL started for them.");
  process.exit(2);
}
const wanted = positionals[0] ?? "";
const cases = [
  ...sendingCases,
  ...readingCases,
  ...pythonCases,
  ...commandLineCases,
  ...serverCases,
].filter(({ name }) => name.includes(wanted));
installMissing(cases);

let passedCount = 0;
let failedCount = 0;
const postgres =
  options.store === undefined ? undefined : startPrivatePostgres({ isDurable: false });
const storeOptions = postgres === undefined ? [] : ["--store", postgres.url];
const world = await startWorld(22_000, [...peerRoutes, ...storeOptions]);
try {
  for (const each of cases) {
    const began = performance.now();
    try {
      await each.run(world);
      passedCount++;
      console.log(`ok    ${each.name} (${Math.round(performance.now() - began)} ms)`);
    } catch (error) {
      failedCount++;
      console.log(`FAIL  ${each.name}\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
} finally {
  await world.stop();
  postgres?.remove();
}
if (passedCount + failedCount === 0) {
  console.log(`No case has "${wanted}" in its name.`);
  failedCount++;
}
console.log(`${passedCount} passed, ${failedCount} failed`);
process.exitCode = failedCount === 0 ? 0 : 1;

/** Installs the Debian packages that the chosen cases need and the machine lacks. */
function installMissing(chosen: readonly InteropCase[]): void {
  const names = [...new Set(chosen.flatMap(({ packages }) => packages))];
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(" ")} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const stdio: ["ignore", 2, 2] = ["ignore", 2, 2];
  execFileSync("apt-get", ["update", "-qq"], { env, stdio });
  execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], {
    env,
    stdio,
  });
}

function isInstalled(name: string): boolean {
  try {
    const args = ["-W", "-f", "${Status}", name];
    return execFileSync("dpkg-query", args, { encoding: "utf8", stdio: "pipe" }).includes(
      "ok installed",
    );
  } catch {
    // dpkg-query ends with 1 for a package that it does not know.
    return false;
  }
}
