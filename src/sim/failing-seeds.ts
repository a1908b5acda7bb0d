import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("failing-seeds.json", import.meta.url));

/** Seeds that have failed once: they stay, so that what they found never comes back unseen. */
export function readFailingSeeds(): readonly number[] {
  if (!existsSync(path)) return [];
  const seeds: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!Array.isArray(seeds)) throw new Error(`${path} is not a list of seeds`);
  return seeds.filter((seed) => Number.isSafeInteger(seed)).map(Number);
}

export function keepFailingSeed(seed: number): void {
  const seeds = new Set([...readFailingSeeds(), seed]);
  const text = JSON.stringify(
    [...seeds].sort((a, b) => a - b),
    undefined,
    2,
  );
  writeFileSync(path, `${text}\n`);
}
