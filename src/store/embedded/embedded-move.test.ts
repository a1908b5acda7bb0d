import { makeMemoryPlace } from "../memory/memory-move-fixtures.ts";
import { describeMoveContract } from "../move/move.contract.ts";
import { makeEmbeddedPlace } from "./embedded-move-fixtures.ts";

const embedded = makeEmbeddedPlace;
const memory = makeMemoryPlace;
const less = { numRuns: 4, lostEvery: 7 };

describeMoveContract({ name: "embedded to embedded", from: embedded, to: embedded, ...less });
describeMoveContract({ name: "memory to embedded", from: memory, to: embedded, ...less });
describeMoveContract({ name: "embedded to memory", from: embedded, to: memory, ...less });
