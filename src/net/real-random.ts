import { randomFillSync } from "node:crypto";
import type { Random } from "../base/random.ts";

/** Bytes that are fetched from the system at once: one call for each name costs four times more. */
const poolBytes = 4096;

/** The operating system's randomness: fit for secrets. */
export function createRealRandom(): Random {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;

  const take = (count: number): Buffer => {
    const taken = Buffer.alloc(count);
    if (count > poolBytes) return randomFillSync(taken);
    if (used + count > poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    pool.copy(taken, 0, used, used + count);
    // Nobody else is ever given these, nor finds them in memory.
    pool.fill(0, used, used + count);
    used += count;
    return taken;
  };

  return {
    bytes: take,
    // 48 bits are all that readUIntBE takes, and more than any use of a fraction here needs.
    fraction: () => take(6).readUIntBE(0, 6) / 2 ** 48,
  };
}
