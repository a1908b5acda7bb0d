import { seededRandom } from "../base/random.ts";
import { createMemoryNetwork } from "./memory-network.ts";
import { networkContract } from "./network.contract.ts";
import { createRealClock } from "./real-clock.ts";

networkContract("memory network", () => createMemoryNetwork({ clock: createRealClock() }));

networkContract("memory network in pieces, with latency", () => {
  const random = seededRandom(7);
  return createMemoryNetwork({
    clock: createRealClock(),
    link: () => ({ latencyMs: 1, random }),
  });
});
