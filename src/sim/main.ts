// The simulation command: the whole server in a simulated world, one run for each seed.
//
//   npm run sim -- --seed 7             one run, all events on standard output
//   npm run sim -- --seeds 200          seeds 1 to 200, those that failed before first
//   npm run sim -- --seeds 50 --from 1000
//   npm run sim -- --seed 7 --twice     runs it twice and compares the events
//
// A seed that fails is kept in failing-seeds.json and run first from then on. The last line is
// `N passed, N failed`, and the exit code is 0 only if N is 0 and something ran.
import { parseArgs } from "node:util";
import { keepFailingSeed, readFailingSeeds } from "./failing-seeds.ts";
import { runSeed, type RunResult } from "./run-seed.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    twice: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});

const strays: string[] = [];
process.on("unhandledRejection", (error) => {
  strays.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
});

const counts = { passed: 0, failed: 0 };
/** How much there was to check: a run that saw nothing proves nothing. */
const seen = { letters: 0, stored: 0, delivered: 0 };
if (values.seed === undefined)
  await runMany(readWhole(values.seeds ?? "20"), readWhole(values.from));
else await runOne(readWhole(values.seed));
console.log(
  `\nSaw ${seen.letters} letters, ${seen.stored} stored, ${seen.delivered} delivered elsewhere.`,
);
if (seen.stored === 0) counts.failed++;
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

async function runOne(seed: number): Promise<void> {
  const print = values.quiet ? undefined : console.log;
  const result = await attempt(seed, print);
  count(result);
  report(result);
  if (!values.twice) return;
  const again = await attempt(seed);
  const isSame = again.digest === result.digest;
  console.log(isSame ? "The second run was the same." : "The second run was ANOTHER one.");
  if (!isSame) counts.failed++;
}

async function runMany(seedCount: number, from: number): Promise<void> {
  const kept = readFailingSeeds();
  const range = Array.from({ length: seedCount }, (_, at) => from + at);
  const seeds = [...new Set([...kept, ...range])];
  const startMs = performance.now();
  for (const [at, seed] of seeds.entries()) {
    const result = await attempt(seed);
    count(result);
    if (result.breaches.length > 0) {
      report(result);
      keepFailingSeed(seed);
    }
    if ((at + 1) % 20 > 0 && at + 1 < seeds.length) continue;
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    console.log(`${at + 1} of ${seeds.length} seeds, ${counts.failed} failed, ${seconds} s`);
  }
}

/** A run that throws has failed like any other. */
async function attempt(seed: number, print?: (line: string) => void): Promise<RunResult> {
  strays.length = 0;
  const last: string[] = [];
  const keep = (line: string) => {
    last.push(line);
    if (last.length > 60) last.shift();
    print?.(line);
  };
  try {
    const result = await runSeed(seed, { print: keep });
    const breaches = strays.map((what) => ({ invariant: "no rejection is left alone", what }));
    return { ...result, breaches: [...result.breaches, ...breaches] };
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      seed,
      breaches: [{ invariant: "the run comes to its end", what }],
      lastEvents: last,
      eventCount: 0,
      digest: "",
      seen: { letters: 0, stored: 0, delivered: 0 },
    };
  }
}

function count({ breaches, seen: own }: RunResult): void {
  seen.letters += own.letters;
  seen.stored += own.stored;
  seen.delivered += own.delivered;
  if (breaches.length === 0) counts.passed++;
  else counts.failed++;
}

function report({ seed, breaches, lastEvents, eventCount, digest, seen: own }: RunResult): void {
  if (breaches.length > 0) {
    console.log(`\nSeed ${seed} FAILED; the last events:`);
    for (const line of lastEvents.slice(-20)) console.log(`  ${line.slice(0, 300)}`);
    for (const { invariant, what } of breaches.slice(0, 20)) console.log(`  ${invariant}: ${what}`);
    if (breaches.length > 20) console.log(`  and ${breaches.length - 20} more`);
    console.log(`  Again: npm run sim -- --seed ${seed}`);
    return;
  }
  const { letters, stored, delivered } = own;
  console.log(
    `Seed ${seed}: ${letters} letters, ${stored} stored, ${delivered} delivered elsewhere, ${eventCount} events, ${digest.slice(0, 16)}`,
  );
}

function readWhole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`Not a whole number: ${text}`);
  return process.exit(2);
}
