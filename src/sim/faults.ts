import { sleep } from "../base/clock.ts";
import type { Link } from "../net/memory-network.ts";
import type { Endpoint } from "../net/network.ts";
import type { Dice } from "./dice.ts";
import type { Elsewhere } from "./remotes/elsewhere.ts";
import type { SimServer } from "./world/server.ts";
import { isBusy, type Stage } from "./world/stage.ts";

type Fault = "crash" | "restart" | "storm";

/** Crashes, restarts and storms at times that the seed has chosen; ends with the server up. */
export async function playFaults(stage: Stage, server: SimServer): Promise<void> {
  const { plan, clock, network, trace } = stage;
  const dice = stage.dice.fork("faults");
  const startMs = clock.now();
  const repeat = (fault: Fault, count: number) =>
    Array.from({ length: count }, () => ({ fault, atMs: startMs + dice.between(0, plan.busyMs) }));
  const faults = [
    ...repeat("crash", plan.crashes),
    ...repeat("restart", plan.restarts),
    ...repeat("storm", plan.storms),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { fault, atMs } of faults) {
    await sleep(clock, Math.max(0, atMs - clock.now()));
    if (fault === "storm") {
      trace.add("faults", "all connections break");
      network.cut();
      continue;
    }
    if (fault === "restart") await stopOrCrash(dice, server, stage);
    else server.crash();
    await sleep(clock, dice.spread(100, 600_000));
    await server.start();
  }
  await sleep(clock, Math.max(0, stage.busyUntilMs - clock.now()));
}

/** A polite stop, which the power may interrupt. */
async function stopOrCrash(dice: Dice, server: SimServer, { clock }: Stage): Promise<void> {
  if (dice.chance(0.7)) return server.stop();
  void server.stop();
  await sleep(clock, dice.between(1, 5_000));
  server.crash();
}

/** How each connection fares; drawn when it is made. */
export function createLinks(
  stage: Pick<Stage, "plan" | "dice" | "clock" | "busyUntilMs">,
  elsewhere: Pick<Elsewhere, "obstacleTo">,
): (from: Endpoint, to: Endpoint) => Link {
  const dice = stage.dice.fork("links");
  return (_from, to) => {
    const { plan } = stage;
    const obstacle = elsewhere.obstacleTo(to.address);
    const isFaulty = isBusy(stage);
    const isSlow = isFaulty && dice.chance(plan.slowChance);
    const isCut = isFaulty && dice.chance(plan.cutChance);
    const cutAfterBytes = dice.spread(1, 30_000);
    const isCutDown = dice.chance(0.4);
    return {
      latencyMs: dice.pick([0, 1, 20, 200]),
      ...(obstacle === undefined ? {} : { obstacle }),
      ...(isSlow ? { bytesPerSecond: dice.spread(100, 20_000), windowBytes: 2_000 } : {}),
      ...(dice.chance(plan.piecesChance) ? { random: dice.random } : {}),
      ...(isCut && isCutDown ? { cutAfterReceivedBytes: cutAfterBytes } : {}),
      ...(isCut && !isCutDown ? { cutAfterSentBytes: cutAfterBytes } : {}),
    };
  };
}
