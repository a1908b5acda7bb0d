import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Random, randomName } from "../../base/random.ts";

/**
 * The name of the server with this data folder among those that share a store: made once, and the
 * same after every restart.
 */
export async function findServerName(dataFolder: string, random: Random): Promise<string> {
  const file = path.join(dataFolder, "server-name");
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${randomName(random, 16)}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere) throw error;
  }
  return (await readFile(file, "utf8")).trim();
}
