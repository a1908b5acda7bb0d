/**
 * Small state with an expiry: greylist, rates, reputation, seen tokens. Losing the last second of
 * it in a crash is allowed; nothing acknowledged to a client may live only here.
 */
export interface KeyedStore {
  get(key: string, nowMs: number): Promise<string | undefined>;
  set(key: string, value: string, expiresAtMs: number): Promise<void>;
  /** Adds to a number (0 when absent or expired) and returns the sum; sets the expiry if new. */
  increment(key: string, by: number, nowMs: number, expiresAtMs: number): Promise<number>;
  remove(key: string): Promise<void>;
}
