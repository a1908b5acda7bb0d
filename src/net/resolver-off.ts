import type { Resolver } from "./resolver.ts";

/** Knows nothing and asks nobody: for machines without DNS. Every answer says that it is off. */
export function createOffResolver(): Resolver {
  const off = async () => ({ kind: "none", failure: "off", isSecure: false }) as const;
  return { mx: off, a: off, aaaa: off, txt: off, ptr: off, tlsa: off };
}
