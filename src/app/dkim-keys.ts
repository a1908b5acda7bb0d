import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import { generateDkimKey, readDkimKey } from "../trust/dkim-keys.ts";
import type { DkimAlgorithm, DkimKey } from "../trust/dkim-keys.ts";

/** The keys with which mail of our domains is signed. */
export interface DkimKeys {
  /**
   * The keys of one of our domains (in A-labels), all of which sign: read from its folder at the
   * first call, and made where an algorithm has none. One that cannot be read is tried again at the
   * next call. @throws Refusal `syntax` naming the file, or what the file system says.
   */
  keysOf(domain: string): Promise<readonly DkimKey[]>;
}

export interface DkimKeysOptions {
  readonly dataFolder: string;
  /** For the month in the names of new keys. */
  readonly clock: Clock;
}

/** Both: few read the small one yet, and nobody has to read it (RFC 8463 §3). */
const kinds: readonly { readonly algorithm: DkimAlgorithm; readonly letter: string }[] = [
  { algorithm: "rsa-sha256", letter: "r" },
  { algorithm: "ed25519-sha256", letter: "e" },
];

/** Keys as files, `DATA/dkim/DOMAIN/SELECTOR.pem`, which only their owner may read. */
export function createDkimKeys(options: DkimKeysOptions): DkimKeys {
  const known = new Map<string, Promise<readonly DkimKey[]>>();
  return {
    keysOf(domain) {
      const before = known.get(domain);
      if (before !== undefined) return before;
      const keys = readOrMake(options, domain).catch((error: unknown) => {
        known.delete(domain);
        throw error;
      });
      known.set(domain, keys);
      return keys;
    },
  };
}

async function readOrMake(
  { dataFolder, clock }: DkimKeysOptions,
  domain: string,
): Promise<readonly DkimKey[]> {
  // It names a folder, and came from an address.
  assert(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(domain), "the domain is in A-labels");
  const folder = join(dataFolder, "dkim", domain);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = (await readdir(folder)).filter((file) => /^[a-z0-9][a-z0-9-]*\.pem$/.test(file));
  const keys: DkimKey[] = [];
  for (const file of files.toSorted()) keys.push(await readKey(folder, domain, file));
  const month = new Date(clock.now()).toISOString().slice(0, 7).replace("-", "");
  for (const { algorithm, letter } of kinds) {
    if (keys.some((key) => key.algorithm === algorithm)) continue;
    const file = `g${month}${letter}.pem`;
    if (files.includes(file)) {
      throw new Refusal("conflict", `${join(folder, file)} is no key for ${algorithm}.`);
    }
    await writeKey(folder, file, await generateDkimKey(algorithm));
    keys.push(await readKey(folder, domain, file));
  }
  return keys;
}

async function readKey(folder: string, domain: string, file: string): Promise<DkimKey> {
  const path = join(folder, file);
  const pem = await readFile(path, "utf8");
  try {
    return readDkimKey(domain, file.slice(0, -".pem".length), pem);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.reason, `${path}: ${error.text}`);
  }
}

/** Whole or not at all: half a key after a power cut would leave the domain's mail unsigned. */
async function writeKey(folder: string, file: string, pem: string): Promise<void> {
  const unfinished = join(folder, `${file}.new`);
  const handle = await open(unfinished, "w", 0o600);
  try {
    await handle.writeFile(pem);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, join(folder, file));
}
