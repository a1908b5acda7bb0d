import { randomBytes } from "node:crypto";
import type { Random } from "../base/random.ts";

/** The operating system's randomness: fit for secrets. */
export function createRealRandom(): Random {
  return {
    bytes: (count) => randomBytes(count),
    // 48 bits are all that readUIntBE takes, and more than any use of a fraction here needs.
    fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  };
}
