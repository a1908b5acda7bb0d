// Whole servers on PostgreSQL, killed and restarted:
//
//   npm run postgres-servers            all cases
//   npm run postgres-servers -- queue   only those whose name contains the word
//
// The cases of interop/durability run here too: on one server, and with two servers that share the
// store and take turns. The last line is `N passed, N failed`.
import { execFileSync } from "node:child_process";

import { startPrivatePostgres } from "../../tools/testing/private-postgres.ts";
import { imapCases } from "../durability/cases/imap.ts";
import { outboundCases } from "../durability/cases/outbound.ts";
import { popCases } from "../durability/cases/pop.ts";
import { smtpCases } from "../durability/cases/smtp.ts";
import { openSharedHouse } from "./shared-house.ts";
import { type SharedCase, twoServerCases } from "./two-servers.ts";

interface Planned extends SharedCase {
  readonly turn: (count: number) => number;
}

const wanted = process.argv[2] ?? "";
const planned: readonly Planned[] = [
  ...twoServerCases.map((each) => ({ ...each, turn: () => 0 })),
  ...[...smtpCases, ...imapCases, ...popCases, ...outboundCases].map((each) => ({
    name: `one server on PostgreSQL: ${each.name}`,
    run: each.run,
    turn: () => 0,
  })),
  ...[...smtpCases, ...imapCases].map((each) => ({
    name: `two servers by turns: ${each.name}`,
    run: each.run,
    turn: (count: number) => count % 2,
  })),
].filter(({ name }) => name.includes(wanted));

const postgres = startPrivatePostgres({ isDurable: true });
process.on("exit", () => postgres.remove());
let passedCount = 0;
let failedCount = 0;
for (const [index, each] of planned.entries()) {
  const house = openSharedHouse(makeDatabase(`golub_${index}`), each.turn);
  const began = performance.now();
  const time = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const told = await each.run(house, postgres);
    passedCount++;
    console.log(`ok    ${each.name} (${time()}): ${told}`);
  } catch (error) {
    failedCount++;
    const told = error instanceof Error ? error.stack : String(error);
    console.log(`FAIL  ${each.name} (${time()}): ${told}`);
  } finally {
    await house.leave();
  }
}
if (planned.length === 0) {
  console.log(`No case has "${wanted}" in its name.`);
  failedCount++;
}
console.log(`${passedCount} passed, ${failedCount} failed`);
process.exit(failedCount === 0 ? 0 : 1);

function makeDatabase(name: string): string {
  execFileSync("psql", ["-qc", `CREATE DATABASE ${name}`, postgres.url]);
  return postgres.url.replace(/postgres$/, name);
}
