import type { Clock } from "../base/clock.ts";

/** Answers with their time to live. */
export interface ResolverCache<Value> {
  find(key: string): { readonly value: Value; readonly ttlSeconds: number } | undefined;
  keep(key: string, value: Value, ttlSeconds: number): void;
}

/** Longest that an answer is kept whatever its owner says, seconds (RFC 8767 §4 suggests a day). */
const ttlSecondsMax = 86_400;

/** Keeps at most `countMax` answers; then the oldest go. */
export function createResolverCache<Value>(clock: Clock, countMax: number): ResolverCache<Value> {
  const entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  return {
    find(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      const leftMs = entry.untilMs - clock.monotonicMs();
      if (leftMs > 0) return { value: entry.value, ttlSeconds: Math.ceil(leftMs / 1000) };
      entries.delete(key);
      return undefined;
    },
    keep(key, value, ttlSeconds) {
      if (ttlSeconds <= 0) return;
      entries.delete(key);
      const keptMs = Math.min(ttlSeconds, ttlSecondsMax) * 1000;
      entries.set(key, { value, untilMs: clock.monotonicMs() + keptMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= countMax) break;
        entries.delete(oldest);
      }
    },
  };
}
