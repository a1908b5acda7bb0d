import type { Log } from "../base/log.ts";
import type { DkimKeys } from "./dkim-keys.ts";

export interface MakeKeysOptions {
  readonly keys: DkimKeys;
  readonly log: Log;
  /** Ends it after the domain under way. */
  readonly signal: AbortSignal;
}

/**
 * Makes the keys that domains have not yet, one domain after the other: each costs a tenth of a
 * second of another thread. Never rejects: what cannot be made is logged, and tried again when it
 * is needed.
 */
export async function makeKeys(
  { keys, log, signal }: MakeKeysOptions,
  listDomains: () => Promise<readonly string[]>,
): Promise<void> {
  const tell = (domain: string, error: unknown) => {
    const detail = error instanceof Error ? error.message : String(error);
    log.write("error", "trust.keysFailed", { domain, detail });
  };
  const domains = await listDomains().catch((error: unknown) => {
    tell("", error);
    return [];
  });
  for (const domain of domains) {
    if (signal.aborted) return;
    await keys.keysOf(domain).catch((error: unknown) => tell(domain, error));
  }
}
