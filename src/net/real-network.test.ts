import { networkContract } from "./network.contract.ts";
import { createRealClock } from "./real-clock.ts";
import { createRealNetwork } from "./real-network.ts";

networkContract("real network", () => createRealNetwork({ clock: createRealClock() }));
