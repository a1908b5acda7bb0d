import { run } from "node:test";
import { inspect } from "node:util";
import { formatCounts, type Counts } from "../counts.ts";

const testTimeoutMs = 10_000;
const slowMs = 1000;
/** Silence that counts as hanging: while a test runs, and when none does but something is open. */
const silenceMsMax = { running: 30_000, idle: 5_000 };

/** The real one, whatever a test does to the console that it shares with us. */
const print = console.log.bind(console);

interface Ended {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly details: {
    readonly error?: unknown;
    readonly type?: string | undefined;
    readonly duration_ms: number;
  };
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
}

/** Runs test files in this process, prints failures as they come and a line per room. */
export async function runTests(files: readonly string[], isVerbose: boolean): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) return counts;
  const rooms = new Map<string, number>();
  const slow: { title: string; ms: number }[] = [];
  const startMs = performance.now();
  const watch = watchForSilence(counts);
  const stream = run({ files: [...files], isolation: "none", timeout: testTimeoutMs });
  for await (const { type, data } of stream) {
    watch.note(type);
    if (type === "test:pass" && data.details.type !== "suite") {
      notePass(data, counts, rooms);
      const ms = Math.round(data.details.duration_ms);
      if (ms > slowMs) slow.push({ title: title(data), ms });
      if (isVerbose) print(`${data.skip === undefined ? "passed " : "skipped"} ${title(data)}`);
    } else if (type === "test:fail" && !isOnlyParentOfFailure(data)) {
      counts.failed++;
      print(`\nFAILED ${title(data)}\n${indent(explain(data.details.error))}\n`);
    } else if (type === "test:diagnostic" && /asynchronous activity/.test(data.message)) {
      counts.failed++;
      print(`\nFAILED after its end: ${data.message}\n`);
    }
  }
  watch.stop();
  const tookMs = Math.round(performance.now() - startMs);
  const perRoom = [...rooms].map(([room, passed]) => `${room} ${passed}`).join(", ");
  print(`Tests: ${files.length} files in ${tookMs} ms. Passed: ${perRoom}.`);
  for (const one of slow.toSorted((a, b) => b.ms - a.ms).slice(0, 10)) {
    print(`Slow: ${one.ms} ms ${one.title}`);
  }
  return counts;
}

function notePass(data: Ended, counts: Counts, rooms: Map<string, number>): void {
  if (data.skip !== undefined || data.todo !== undefined) {
    counts.skipped++;
    return;
  }
  counts.passed++;
  const room = relativePath(data.file)
    .split("/")
    .slice(0, 2)
    .join("/")
    .replace(/^src\//, "");
  rooms.set(room, (rooms.get(room) ?? 0) + 1);
}

/** A suite or test that failed only because something inside it did, which was counted already. */
function isOnlyParentOfFailure(data: Ended): boolean {
  const { error } = data.details;
  return error instanceof Error && "failureType" in error && error.failureType === "subtestsFailed";
}

function title(data: Ended): string {
  return `${relativePath(data.file)}:${data.line ?? 1} ${data.name}`;
}

function relativePath(file: string | undefined): string {
  return (file ?? "").replace(`${process.cwd()}/`, "");
}

function explain(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = typeof cause === "string" ? cause : inspect(cause, { depth: 6 });
  return text.replaceAll(/\n +at .*\(?node:.*/g, "");
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

/** Ends the process when nothing happens any more: a test hangs, or one left something open. */
function watchForSilence(counts: Counts) {
  let running = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const silentMs = performance.now() - lastMs;
    if (silentMs < (running > 0 ? silenceMsMax.running : silenceMsMax.idle)) return;
    const what =
      running > 0 ? "a test does not end" : "the tests are over, but left something open";
    const open = process.getActiveResourcesInfo().join(", ");
    print(`\nFAILED: ${what} (${open}).`);
    print(`\n${formatCounts({ ...counts, failed: counts.failed + 1 })}`);
    process.exit(1);
  }, 500);
  timer.unref(); // the run is over when nothing is open any more: this must not count
  return {
    note(type: string): void {
      lastMs = performance.now();
      if (type === "test:dequeue") running++;
      if (type === "test:complete") running--;
    },
    stop: () => clearInterval(timer),
  };
}
