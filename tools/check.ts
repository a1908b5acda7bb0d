// The check command: everything that must hold before a commit, at once; CI runs the same.
//
//   npm run check                 all checks
//   npm run check -- rooms docs   only these
//   npm run check -- --fix        formats first (npm run format)
//
// Each check says what it looked at, and fails when that was nothing. The last line is
// `N passed, N failed`.
import { parseArgs } from "node:util";
import { isGood, type Finding } from "./checks/check.ts";
import { checkDependencies } from "./checks/dependencies.ts";
import { checkDocs } from "./checks/docs.ts";
import { checkEvents } from "./checks/events.ts";
import { checkMarkers } from "./checks/markers.ts";
import { checkFormat, checkLint, checkTypes } from "./checks/programs.ts";
import { checkRfcs } from "./checks/rfcs.ts";
import { checkRooms } from "./checks/rooms.ts";
import { formatCounts, type Counts } from "./counts.ts";
import { readTree } from "./tree.ts";

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { fix: { type: "boolean", default: false } },
});

const checks: Readonly<Record<string, () => Finding | Promise<Finding>>> = {
  format: () => checkFormat(values.fix),
  types: checkTypes,
  lint: checkLint,
  rooms: () => checkRooms(readTree()),
  markers: () => checkMarkers(readTree()),
  dependencies: () => checkDependencies(readTree()),
  rfcs: () => checkRfcs(readTree()),
  docs: () => checkDocs(readTree()),
  events: () => checkEvents(readTree()),
};

const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(
    `No such check: ${unknown.join(", ")}. There are: ${Object.keys(checks).join(", ")}.`,
  );
  process.exit(2);
}
const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
const chosen = Object.entries(checks).filter(
  ([name]) => wanted.length === 0 || wanted.includes(name),
);
// What is formatted now must be formatted before the others read it.
if (values.fix) await checkFormat(true);
await Promise.all(chosen.map(async ([name, check]) => report(name, await check())));
console.log(`\n${formatCounts(counts)}`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function report(name: string, finding: Finding): void {
  const { seen, units, faults } = finding;
  const shown = faults.slice(0, 100).map((fault) => `  ${fault}`);
  if (faults.length > shown.length) shown.push(`  and ${faults.length - shown.length} more`);
  if (seen === 0) shown.push("  saw nothing: that is a failure");
  const good = isGood(finding);
  if (good) counts.passed++;
  else counts.failed++;
  const heading = `${good ? "good  " : "FAILED"} ${name}: ${seen} ${units}`;
  console.log(
    [faults.length > 0 ? `${heading}, ${faults.length} faults` : heading, ...shown].join("\n"),
  );
}
