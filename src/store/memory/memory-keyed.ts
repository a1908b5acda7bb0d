import type { KeyedStore } from "../keyed.ts";
import type { MemoryDisk } from "./memory-disk.ts";

export function createMemoryKeyed({ keyed }: MemoryDisk): KeyedStore {
  const find = (key: string, nowMs: number) => {
    const found = keyed.get(key);
    return found === undefined || found.expiresAtMs <= nowMs ? undefined : found;
  };
  return {
    get: async (key, nowMs) => find(key, nowMs)?.value,
    set: async (key, value, expiresAtMs) => void keyed.set(key, { value, expiresAtMs }),
    increment: async (key, by, nowMs, expiresAtMs) => {
      const found = find(key, nowMs);
      const sum = Number(found?.value ?? 0) + by;
      keyed.set(key, { value: String(sum), expiresAtMs: found?.expiresAtMs ?? expiresAtMs });
      return sum;
    },
    remove: async (key) => void keyed.delete(key),
  };
}
