import { seededRandom } from "../base/random.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { createDirectory } from "./directory.ts";
import type { PasswordCost } from "./password.ts";
import { createPasswords } from "./password.ts";

/** As cheap as the algorithms allow, so that tests are fast. */
export const cheapCost: PasswordCost = { memoryKib: 8, passes: 1, scramIterations: 4096 };

/** A directory over an empty memory store, for tests. */
export function directoryFixture() {
  const clock = createVirtualClock();
  const random = seededRandom(11);
  const store = createMemoryStore({ clock });
  const passwords = createPasswords({ clock, random, cost: cheapCost });
  const directory = createDirectory(store, { clock, passwords, actor: "test" });
  return { clock, random, store, passwords, directory };
}
