import { createHook } from "node:async_hooks";

/** Work that the system's threads do for node:crypto. */
const threadWork: ReadonlySet<string> = new Set(["ARGON2REQUEST", "PBKDF2REQUEST"]);

/**
 * Waits until nothing is under way that needs no time, for the virtual clock. Password hashes run
 * in threads, so the turn in which they end depends on the machine: time stands still until they
 * have. The server runs one at a time, so their order does not depend on it.
 */
export interface Settling extends Disposable {
  settle(): Promise<void>;
}

export function watchThreads(): Settling {
  const pending = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (threadWork.has(type)) pending.add(id);
    },
    after: (id) => void pending.delete(id),
    destroy: (id) => void pending.delete(id),
    trackPromises: false,
  });
  hook.enable();
  return {
    async settle() {
      do {
        await turn();
        await turn();
      } while (pending.size > 0);
    },
    [Symbol.dispose]: () => void hook.disable(),
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
