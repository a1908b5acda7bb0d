// The test command: every *.test.ts in this one process, then every *.fuzz.ts target.
//
//   npm test                            everything
//   npm test -- smtp pop3               only files whose path contains one of the words
//   npm test -- --verbose               names each test
//   npm test -- --fuzz-runs 100000      mutated inputs per target (0: seeds and saved failures only)
//   npm test -- --fuzz-seed 7           other mutations; the default is the same every time
//
// The last line is `N passed, N failed`, and the exit code is 0 only if N is 0 and something ran.
import { parseArgs } from "node:util";
import { fuzzAll } from "./testing/fuzz.ts";
import { runTests } from "./testing/run-tests.ts";
import { addCounts, formatCounts } from "./counts.ts";
import { listFiles, root } from "./tree.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    verbose: { type: "boolean", default: false },
    "fuzz-runs": { type: "string" },
    "fuzz-seed": { type: "string", default: "1" },
  },
});
process.chdir(root);
const isAskedFor = (path: string): boolean =>
  positionals.length === 0 || positionals.some((word) => path.includes(word));
const files = listFiles().filter((path) => /^(src|tools|bench)\//.test(path) && isAskedFor(path));

const tests = await runTests(
  files.filter((path) => path.endsWith(".test.ts")),
  values.verbose,
);
const fuzz = await fuzzAll({
  files: files.filter((path) => path.endsWith(".fuzz.ts")),
  ...(values["fuzz-runs"] === undefined ? {} : { runs: wholeNumber(values["fuzz-runs"]) }),
  seed: wholeNumber(values["fuzz-seed"]),
  print: console.log,
});
const total = addCounts(tests, fuzz);
if (total.passed + total.failed === 0) {
  console.log("No test was found: that is a failure.");
  total.failed++;
}
console.log(`\n${formatCounts(total)}`);
// A fuzz worker or test that left something open must not keep the command from ending.
process.exit(total.failed === 0 ? 0 : 1);

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`Not a whole number: ${text}`);
  process.exit(2);
}
