import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { openImap } from "../mail-talk.ts";
import { findPortOffset, startServerProcess } from "../server-process.ts";
import type { ServerProcess } from "../server-process.ts";
import { Talk } from "../talk.ts";
import { startCanary } from "./canary.ts";
import type { Canary } from "./canary.ts";
import { endOfDataCases } from "./cases/end-of-data.ts";
import { floodCases } from "./cases/floods.ts";
import { foreignCases } from "./cases/foreign.ts";
import { imapCases } from "./cases/imap.ts";
import { lineCases } from "./cases/lines.ts";
import { messageCases } from "./cases/messages.ts";
import { proxyCases } from "./cases/proxy.ts";
import { slowCases } from "./cases/slow.ts";
import { tlsCases } from "./cases/tls.ts";
import { createTarget } from "./hostile-case.ts";
import type { HostileCase, Target } from "./hostile-case.ts";
import { readUsage } from "./process-usage.ts";

/** What every attack must stay within, unless it says otherwise. */
const secondsMaxDefault = 15;
const cpuSecondsMaxDefault = 2;
const growthMibMaxDefault = 150;
/** Longest wait of the well-behaved client for a delivery or a NOOP. */
const canaryMsMax = 1000;

const wanted = process.argv[2] ?? "";
const cases = [
  ...lineCases,
  ...floodCases,
  ...imapCases,
  ...messageCases,
  ...endOfDataCases,
  ...tlsCases,
  ...foreignCases,
  ...proxyCases,
  ...slowCases,
].filter(({ name }) => name.includes(wanted));

const folder = mkdtempSync(join(tmpdir(), "golub-hostile-"));
const domain = "golub.test";
const ana = { address: `ana@${domain}`, password: "lozinka ana 1" };
const boris = { address: `boris@${domain}`, password: "borisova lozinka 2" };
const server = await startServerProcess({
  data: join(folder, "data"),
  readyFile: join(folder, "ready.json"),
  portOffset: await findPortOffset(27_000),
  domain,
  people: [ana, boris],
  options: [
    ...["--set", "timeouts.smtp=4 s", "--set", "timeouts.pop3=4 s"],
    ...["--set", "timeouts.imap=4 s", "--set", "timeouts.login=4 s"],
    ...["--set", "listen.proxies=127.0.0.2", "--set", "limits.connectionsPerAddressMax=40"],
    ...["--set", "limits.errorsMax=8"],
  ],
});
const target = createTarget(server, ana);
const canary = startCanary({
  smtpPort: server.port("smtp"),
  imapPort: server.port("imap"),
  person: boris,
});
let passedCount = 0;
let failedCount = 0;
try {
  await canary.report();
  for (const each of cases) if (each.isPatient !== true) await runCase(each);
  await Promise.all(cases.filter((each) => each.isPatient === true).map(runCase));
  await expectAllDelivered();
  await expectGoodEnd();
  passedCount += 2;
} catch (error) {
  failedCount++;
  console.log(`FAIL  ${error instanceof Error ? error.stack : String(error)}`);
} finally {
  await canary.stop();
  if (server.isRunning) await server.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
if (cases.length === 0) {
  console.log(`No case has "${wanted}" in its name.`);
  failedCount++;
}
console.log(`${passedCount} passed, ${failedCount} failed`);
process.exit(failedCount === 0 ? 0 : 1);

async function runCase(each: HostileCase): Promise<void> {
  const { told, failures } = await judge(each, { target, canary });
  if (failures.length === 0) passedCount++;
  else failedCount++;
  console.log(`${failures.length === 0 ? "ok   " : "FAIL "} ${each.name}${told}`);
  for (const failure of failures) console.log(`      ${failure}`);
  if (!server.isRunning) throw new Error("the server has ended");
}

/** Runs an attack and holds what it cost against what it may cost. */
async function judge(
  each: HostileCase,
  scene: { readonly target: Target; readonly canary: Canary },
): Promise<{ readonly told: string; readonly failures: readonly string[] }> {
  const failures: string[] = [];
  const before = readUsage(server.pid);
  const loggedBefore = server.log.length;
  const watch = watchMemory(server);
  const began = performance.now();
  const secondsMax = each.secondsMax ?? secondsMaxDefault;
  let did = "";
  try {
    did = await within(secondsMax, each.attack(scene.target));
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const seconds = (performance.now() - began) / 1000;
  const { worstMs, failure } = await scene.canary.report();
  const cpuSeconds = readUsage(server.pid).cpuSeconds - before.cpuSeconds;
  const growthMib = Math.max(0, watch.highestMib() - before.residentMib);
  watch.stop();
  const bugs = server.log.slice(loggedBefore).filter(isBug);
  const limits: readonly (readonly [string, number, number])[] = [
    ["s of the server's CPU", cpuSeconds, each.cpuSecondsMax ?? cpuSecondsMaxDefault],
    ["MiB more memory", growthMib, each.growthMibMax ?? growthMibMaxDefault],
    ["ms for the well-behaved client", worstMs, canaryMsMax],
  ];
  for (const [what, value, max] of limits) {
    if (value > max) failures.push(`${value.toFixed(1)} ${what}, more than ${max}`);
  }
  if (failure !== undefined) failures.push(`the well-behaved client: ${failure}`);
  for (const line of bugs) failures.push(`log: ${line}`);
  const cost = `${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(2)} s, +${growthMib.toFixed(0)} MiB`;
  return { told: ` (${cost}, others ${worstMs.toFixed(0)} ms): ${did}`, failures };
}

/** Lines that no attack may cause. */
function isBug(line: string): boolean {
  return /\.bug\b|uncaught|unhandled|acceptFailed|^\s+at |Error:|FATAL/i.test(line);
}

function watchMemory({ pid }: ServerProcess): { highestMib(): number; stop(): void } {
  let highest = 0;
  const look = () => {
    highest = Math.max(highest, readUsage(pid).residentMib);
  };
  const timer = setInterval(look, 50);
  return {
    highestMib() {
      look();
      return highest;
    },
    stop: () => clearInterval(timer),
  };
}

async function within<Value>(seconds: number, task: Promise<Value>): Promise<Value> {
  const late = new AbortController();
  const tooLate = wait(seconds * 1000, undefined, { signal: late.signal }).then(() => {
    throw new Error(`did not end within ${seconds} s`);
  });
  try {
    return await Promise.race([task, tooLate]);
  } finally {
    late.abort();
    tooLate.catch(() => undefined);
  }
}

/** Everything that the well-behaved client was told is delivered is in its mailbox. */
async function expectAllDelivered(): Promise<void> {
  const { deliveredCount } = await canary.report();
  await canary.stop();
  const imap = await openImap(server.port("imap"), boris);
  const answer = await imap.imap("STATUS INBOX (MESSAGES)");
  const count = Number(/MESSAGES (\d+)/.exec(answer)?.[1]);
  imap.destroy();
  // One more may have been under way when it was stopped.
  if (count < deliveredCount || count > deliveredCount + 1) {
    throw new Error(`${deliveredCount} were delivered meanwhile, the mailbox has ${count}`);
  }
  const { residentMib, cpuSeconds } = readUsage(server.pid);
  const cost = `${residentMib.toFixed(0)} MiB, ${cpuSeconds.toFixed(1)} s of CPU in all`;
  console.log(`ok    ${deliveredCount} messages delivered meanwhile are there (${cost})`);
}

/** SIGTERM ends in good order even with silent and half-made connections on every port. */
async function expectGoodEnd(): Promise<void> {
  for (const port of server.ports.values()) await Talk.connect(port);
  const began = performance.now();
  const code = await server.end("SIGTERM");
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0 || seconds > 8) throw new Error(`SIGTERM: ${code} after ${seconds.toFixed(1)} s`);
  console.log(`ok    SIGTERM ends silent connections on every port (${seconds.toFixed(1)} s)`);
}
