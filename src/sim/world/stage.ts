import type { VirtualClock } from "../../net/virtual-clock.ts";
import type { MemoryNetwork } from "../../net/memory-network.ts";
import type { Dice } from "../dice.ts";
import type { Plan } from "../plan.ts";
import type { Trace } from "../trace.ts";
import type { Ledger } from "./ledger.ts";

/** What every actor of a run shares. */
export interface Stage {
  readonly plan: Plan;
  readonly dice: Dice;
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly trace: Trace;
  readonly ledger: Ledger;
  /** When faults and new actions end, by the clock. */
  readonly busyUntilMs: number;
}

/** Whether actors still begin new things, and faults happen. */
export function isBusy(stage: Pick<Stage, "clock" | "busyUntilMs">): boolean {
  return stage.clock.now() < stage.busyUntilMs;
}
