// Runs fuzz targets off the main thread, so that one that never ends can be stopped and named.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { fromLatin1 } from "../../src/base/bytes.ts";
import { seededRandom } from "../../src/base/random.ts";
import { failurePrefix, loadingLength, type FuzzOrder, type FuzzOutcome } from "./fuzz-order.ts";
import { inputBytesMax, mutate } from "./mutate.ts";

const order: FuzzOrder = workerData;
const progress = new Int32Array(order.shared, 0, 2);
const current = new Uint8Array(order.shared, 8);

for (const file of order.files) parentPort?.postMessage(await fuzzTarget(file));

async function fuzzTarget(file: string): Promise<FuzzOutcome> {
  let runs = 0;
  let input: Uint8Array = new Uint8Array();
  Atomics.store(progress, 1, loadingLength);
  try {
    const { fuzz, seeds } = readTarget(await import(pathToFileURL(file).href));
    const startMs = performance.now();
    for (input of inputs(file, seeds)) {
      if (runs > seeds.length && performance.now() - startMs > order.budgetMs) break;
      runInput(fuzz, input);
      runs++;
    }
    // What it left unhandled comes up now, while this target is still the one to blame.
    await setImmediate();
    return { file, runs };
  } catch (error) {
    return { file, runs, input: Uint8Array.from(input), failure: inspect(error) };
  }
}

/** Saved failures first, then the target's own seeds, then what mutation makes of them. */
function* inputs(file: string, seeds: readonly Uint8Array[]): Generator<Uint8Array> {
  yield* savedFailures(file);
  yield* seeds;
  const random = seededRandom(order.seed);
  for (let run = 0; run < order.runs; run++) yield mutate(seeds, random);
}

function savedFailures(file: string): Uint8Array[] {
  const names = readdirSync(order.failureFolder).filter((name) =>
    name.startsWith(failurePrefix(file)),
  );
  return names.map((name) => readFileSync(join(order.failureFolder, name)));
}

function runInput(fuzz: (bytes: Uint8Array) => unknown, input: Uint8Array): void {
  current.set(input.subarray(0, inputBytesMax));
  Atomics.store(progress, 1, Math.min(input.length, inputBytesMax));
  Atomics.add(progress, 0, 1);
  const startMs = performance.now();
  // A copy: a target that writes to its input must not spoil the seed for the next run.
  const result = fuzz(input.slice());
  if (result instanceof Promise) throw new Error("fuzz() must be synchronous");
  const tookMs = performance.now() - startMs;
  if (tookMs > order.inputMsMax) throw new Error(`${Math.round(tookMs)} ms for one input`);
}

function readTarget(module: Record<string, unknown>) {
  const { fuzz, seeds } = module;
  if (typeof fuzz !== "function") throw new Error("does not export fuzz(bytes)");
  if (!Array.isArray(seeds) || seeds.length === 0) throw new Error("does not export seeds");
  return {
    fuzz: (bytes: Uint8Array): unknown => fuzz(bytes),
    seeds: seeds.map((seed: unknown) => {
      if (seed instanceof Uint8Array) return seed;
      if (typeof seed === "string") return fromLatin1(seed);
      throw new Error("a seed is neither bytes nor text");
    }),
  };
}
