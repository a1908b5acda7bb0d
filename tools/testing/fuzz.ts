import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import type { Counts } from "../counts.ts";
import { failurePrefix, loadingLength, type FuzzOrder, type FuzzOutcome } from "./fuzz-order.ts";
import { inputBytesMax } from "./mutate.ts";

export interface FuzzOptions {
  /** Paths of fuzz targets: each exports `fuzz(bytes)` and `seeds`. */
  readonly files: readonly string[];
  readonly seed: number;
  /** Mutated inputs per target; without it as many as the time allows, 2000 at most. */
  readonly runs?: number;
  /** Where failing inputs are kept; `.fuzz-failures` unless given. */
  readonly failureFolder?: string;
  readonly print: (text: string) => void;
  /** Milliseconds without progress after which a target counts as hanging. */
  readonly hangMs?: number;
}

/** Runs every target, prints failures with what is needed to repeat them; a target is one test. */
export async function fuzzAll(options: FuzzOptions): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failureFolder = resolve(options.failureFolder ?? ".fuzz-failures");
  mkdirSync(failureFolder, { recursive: true });
  let inputs = 0;
  let waiting = [...options.files];
  while (waiting.length > 0) {
    // One worker takes all; after one that hangs, a new worker goes on behind it.
    const outcomes = await runWorker({ ...options, files: waiting }, failureFolder);
    for (const outcome of outcomes) {
      inputs += outcome.runs;
      if (outcome.failure === undefined) counts.passed++;
      else {
        counts.failed++;
        options.print(formatFailure(outcome, failureFolder, options.seed));
      }
    }
    waiting = waiting.slice(outcomes.length);
  }
  const targets = options.files.length;
  options.print(`Fuzz: ${targets} targets, ${inputs} inputs, seed ${options.seed}.`);
  return counts;
}

function runWorker(options: FuzzOptions, failureFolder: string): Promise<FuzzOutcome[]> {
  const shared = new SharedArrayBuffer(8 + inputBytesMax);
  new Int32Array(shared)[1] = loadingLength;
  const order: FuzzOrder = {
    files: options.files,
    seed: options.seed,
    runs: options.runs ?? 2000,
    budgetMs: options.runs === undefined ? 150 : Number.POSITIVE_INFINITY,
    inputMsMax: 2000,
    failureFolder,
    shared,
  };
  const worker = new Worker(new URL("./fuzz-worker.ts", import.meta.url), { workerData: order });
  const outcomes: FuzzOutcome[] = [];
  return new Promise((resolve) => {
    const endWith = (failure: string) => {
      clearInterval(watch);
      worker.removeAllListeners();
      const file = options.files[outcomes.length];
      const input = currentInput(shared);
      if (file !== undefined) outcomes.push({ file, runs: 0, input, failure });
      void worker.terminate().then(() => resolve(outcomes));
    };
    const watch = watchProgress(shared, options.hangMs ?? 10_000, endWith);
    worker.on("message", (outcome: FuzzOutcome) => outcomes.push(outcome));
    worker.on("error", (error) => endWith(`the worker died: ${inspect(error)}`));
    worker.on("exit", () => endWith("the worker ended"));
  });
}

/** Calls `onHang` when one input takes too long, or loading a target does: that may take longer. */
function watchProgress(shared: SharedArrayBuffer, hangMs: number, onHang: (why: string) => void) {
  const progress = new Int32Array(shared, 0, 2);
  let seen = -1;
  let silentTurns = 0;
  return setInterval(() => {
    const begun = Atomics.load(progress, 0);
    const turnsMax = Atomics.load(progress, 1) === loadingLength ? 10 : 1;
    silentTurns = begun === seen ? silentTurns + 1 : 0;
    seen = begun;
    if (silentTurns >= turnsMax) onHang(`no end after ${silentTurns * hangMs} ms`);
  }, hangMs);
}

function currentInput(shared: SharedArrayBuffer): Uint8Array {
  const length = new Int32Array(shared, 4, 1)[0] ?? 0;
  return Uint8Array.from(new Uint8Array(shared, 8, Math.max(length, 0)));
}

/** Keeps the failing input and says how to repeat it. */
function formatFailure(outcome: FuzzOutcome, folder: string, seed: number): string {
  const input = outcome.input ?? new Uint8Array();
  const hash = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const saved = join(folder, `${failurePrefix(outcome.file)}${hash}`);
  writeFileSync(saved, input);
  return (
    `\nFAILED ${outcome.file} after ${outcome.runs} inputs (seed ${seed}): ${outcome.failure}\n` +
    `  Input, ${input.length} bytes, run again first next time: ${saved}\n`
  );
}
