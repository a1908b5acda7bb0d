import { access, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A new folder for a test: in memory where the system has such a place, since tests flush a lot. */
export async function makeTestFolder(): Promise<string> {
  const memory = "/dev/shm";
  const parent = await access(memory).then(
    () => memory,
    () => tmpdir(),
  );
  return mkdtemp(path.join(parent, "golub-store-"));
}
