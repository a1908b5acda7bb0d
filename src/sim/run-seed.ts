import { sleep } from "../base/clock.ts";
import { createMemoryNetwork } from "../net/memory-network.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { allCheckers } from "./checkers/all-checkers.ts";
import type { Breach, FinishedWorld } from "./checkers/checker.ts";
import { readStored } from "./checkers/stored.ts";
import { ImapClient } from "./clients/imap-client.ts";
import { PopClient } from "./clients/pop-client.ts";
import { startSenders } from "./clients/senders.ts";
import { Dice } from "./dice.ts";
import { createLinks, playFaults } from "./faults.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { type Elsewhere, openElsewhere } from "./remotes/elsewhere.ts";
import { watchThreads } from "./settle.ts";
import { Trace } from "./trace.ts";
import { Ledger } from "./world/ledger.ts";
import { createSimServer, type SimServer, type StoreWrapper } from "./world/server.ts";
import type { Stage } from "./world/stage.ts";

export interface RunOptions {
  /** Called with each event as it happens. */
  readonly print?: (line: string) => void;
  /** Plants a fault into the store, to see that the checkers find it. */
  readonly wrapStore?: StoreWrapper;
  /** Replaces parts of what the seed has drawn. */
  readonly plan?: Partial<Plan>;
}

export interface RunResult {
  readonly seed: number;
  readonly breaches: readonly Breach[];
  readonly lastEvents: readonly string[];
  readonly eventCount: number;
  /** SHA-256 of all events: the same for the same seed and the same program. */
  readonly digest: string;
  /** What there was to check. */
  readonly seen: { readonly letters: number; readonly stored: number; readonly delivered: number };
}

const day = 86_400_000;

/** Runs the whole server in a simulated world, then holds it against what the actors know. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const { world, trace } = await runWorld(seed, options);
  const { ledger, stored } = world;
  return {
    seed,
    breaches: findBreaches(world),
    lastEvents: trace.last,
    eventCount: trace.count,
    digest: trace.digest(),
    seen: {
      letters: ledger.sendings.size,
      stored: stored.arrivals.length,
      delivered: ledger.remoteArrivals.length,
    },
  };
}

/** Holds a finished world against every invariant. */
export function findBreaches(world: FinishedWorld): readonly Breach[] {
  return allCheckers.flatMap(({ name, check }) =>
    [...check(world)].map((what) => ({ invariant: name, what })),
  );
}

/** A world at its end, and all that happened in it. */
export async function runWorld(
  seed: number,
  options: RunOptions = {},
): Promise<{ readonly world: FinishedWorld; readonly trace: Trace }> {
  using threads = watchThreads();
  const clock = createVirtualClock({ settle: threads.settle });
  const dice = new Dice(seed);
  const plan = { ...drawPlan(dice.fork("plan")), ...options.plan };
  const trace = new Trace(clock, options.print === undefined ? {} : { print: options.print });
  const ledger = new Ledger();
  const busyUntilMs = clock.now() + plan.busyMs;
  const basics = { plan, dice, clock, trace, ledger, busyUntilMs };
  const elsewhere: { now?: Elsewhere } = {};
  const link = createLinks(basics, {
    obstacleTo: (address) => elsewhere.now?.obstacleTo(address),
  });
  const network = createMemoryNetwork({ clock, random: dice.fork("network").random, link });
  const stage: Stage = { ...basics, network };
  elsewhere.now = await openElsewhere(stage);
  const server = createSimServer(stage, elsewhere.now.resolver, options.wrapStore);
  await clock.run(play(stage, server), 60 * day);
  const { disk } = server;
  return { world: { disk, ledger, stored: readStored(disk) }, trace };
}

async function play(stage: Stage, server: SimServer): Promise<void> {
  const { plan, clock } = stage;
  await server.start();
  const imap = Array.from({ length: plan.imapClients }, (_, at) => new ImapClient(stage, at + 1));
  const pop = Array.from({ length: plan.popClients }, (_, at) => new PopClient(stage, at + 1));
  await Promise.all([
    playFaults(stage, server),
    ...startSenders(stage),
    ...imap.map((client) => client.run()),
    ...pop.map((client) => client.run()),
  ]);
  await emptyQueue(stage, server);
  for (const client of imap) await client.finish();
  await server.stop();
  await sleep(clock, 60_000);
}

/** Lets time pass until nothing is queued: a message expires, and its notice may expire too. */
async function emptyQueue({ plan, clock }: Stage, { disk }: SimServer): Promise<void> {
  const untilMs = clock.now() + 2 * plan.expireAfterMs + day;
  while (disk.queue.size > 0 && clock.now() < untilMs) await sleep(clock, 10 * 60_000);
}
