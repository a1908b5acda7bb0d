import { describeMoveContract } from "../move/move.contract.ts";
import { makeMemoryPlace } from "./memory-move-fixtures.ts";

describeMoveContract({ name: "memory to memory", from: makeMemoryPlace, to: makeMemoryPlace });
