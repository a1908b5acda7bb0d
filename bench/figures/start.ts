import { setTimeout as wait } from "node:timers/promises";
import type { BenchServer } from "../servers/server.ts";
import { median } from "./figure.ts";
import type { Measurement } from "./figure.ts";

/** How long a start with an empty data folder takes, and the memory of a server that rests. */
export async function measureStart(
  start: () => Promise<BenchServer>,
  isQuick: boolean,
): Promise<readonly Measurement[]> {
  const times: number[] = [];
  const resting: number[] = [];
  // The first start is not counted: the system reads programs from the disk then.
  for (let round = 0; round <= (isQuick ? 1 : 5); round++) {
    const server = await start();
    if (round > 0) times.push(server.startedInMs);
    await wait(1_000);
    resting.push(server.residentBytes() / 1_048_576);
    await server.stop();
  }
  return [
    { figure: "start until all listen", value: median(times), unit: "ms", isMoreBetter: false },
    { figure: "memory at rest", value: median(resting), unit: "MiB", isMoreBetter: false },
  ];
}
