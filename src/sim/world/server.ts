import { provision } from "../../accounts/provision.ts";
import { assert } from "../../base/assert.ts";
import type { Log } from "../../base/log.ts";
import { readConfig } from "../../app/config.ts";
import type { Config } from "../../app/config.ts";
import { openDoors } from "../../app/doors.ts";
import type { Doors } from "../../app/doors.ts";
import { housekeep } from "../../app/housekeeping.ts";
import { listenerTable } from "../../app/listener-table.ts";
import { createServices } from "../../app/services.ts";
import type { Services } from "../../app/services.ts";
import { MemoryTlsContext } from "../../net/memory-tls.ts";
import type { Listener } from "../../net/network.ts";
import type { Resolver } from "../../net/resolver.ts";
import { createMemoryStore } from "../../store/memory/create-memory-store.ts";
import type { MemoryStore } from "../../store/memory/create-memory-store.ts";
import { MemoryDisk } from "../../store/memory/memory-disk.ts";
import { startLife, type Life } from "./life.ts";
import { watchSettlements } from "./observed-store.ts";
import { aliases, ourAddress, ourDomain, ourHostName, people } from "./people.ts";
import { createSickness } from "./sick-store.ts";
import type { Stage } from "./stage.ts";

/** The server under test: the program's own rooms over simulated ports. */
export interface SimServer {
  readonly disk: MemoryDisk;
  readonly isUp: boolean;
  start(): Promise<void>;
  /** As when the power goes: only what was committed is left. */
  crash(): void;
  /** As told by the operator: sessions and deliveries may end. */
  stop(): Promise<void>;
}

export type StoreWrapper = (store: MemoryStore) => MemoryStore;

/** One run of the program. */
interface Incarnation {
  readonly life: Life;
  readonly store: MemoryStore;
  readonly services: Services;
  readonly doors: Doors;
  readonly listeners: readonly Listener[];
  readonly housekeeping: AsyncDisposable;
}

const shutdownMs = 5_000;

export function createSimServer(
  stage: Stage,
  resolver: Resolver,
  wrapStore: StoreWrapper = (store) => store,
): SimServer {
  const disk = new MemoryDisk();
  const { clock, network, trace, ledger, plan } = stage;
  const config = configOf(plan.expireAfterMs);
  const faults = createSickness(stage, disk);
  const random = stage.dice.fork("server").random;
  const commitDice = stage.dice.fork("commits");
  let now: Incarnation | undefined;

  const boot = async (): Promise<Incarnation> => {
    const life = startLife(clock, network.host(ourAddress));
    const log = createLog(stage);
    const plainStore = createMemoryStore({
      clock: life.clock,
      disk,
      faults,
      log,
      inlineBytesMax: plan.inlineBytesMax,
      commitDelayMs: () => commitDice.between(0, plan.commitMsMax),
    });
    const store = watchSettlements(wrapStore(plainStore), { disk, ledger, clock });
    const ports = { clock: life.clock, random, log, network: life.network, resolver, store };
    const services = createServices(config, ports, {
      hostName: ourHostName,
      isOwn: ({ address }) => address === ourAddress,
      passwordCost: { memoryKib: 8, passes: 1, scramIterations: 1 },
    });
    if (disk.accounts.size === 0) await furnish(services);
    const tls = new MemoryTlsContext({ names: [ourHostName] });
    const doors = openDoors(config, ports, services, {
      hostName: ourHostName,
      mainDomain: ourDomain,
      tls,
    });
    const listeners: Listener[] = [];
    for (const { protocol, port } of listenerTable) {
      if (protocol === "http" || protocol === "https") continue;
      const where = { address: ourAddress, port };
      listeners.push(await life.network.listen(where, (each) => doors.accept(protocol, each)));
    }
    services.queue.start();
    const housekeeping = housekeep(store, { clock: life.clock, random, log });
    return { life, store, services, doors, listeners, housekeeping };
  };

  return {
    disk,
    get isUp() {
      return now !== undefined;
    },
    async start() {
      assert(now === undefined, "the server runs already");
      now = await boot();
      trace.add("server", "is up");
    },
    crash() {
      if (now === undefined) return;
      trace.add("server", "crashes");
      ledger.stops.push(clock.now());
      now.life.end();
      network.crash(ourAddress);
      now.store.crash();
      now = undefined;
    },
    async stop() {
      if (now === undefined) return;
      trace.add("server", "is told to stop");
      const { life, store, services, doors, listeners, housekeeping } = now;
      ledger.stops.push(clock.now());
      await Promise.all(listeners.map((listener) => listener.close()));
      await housekeeping[Symbol.asyncDispose]();
      await doors.close(shutdownMs);
      await services.stop(shutdownMs);
      await store.close();
      ledger.stops.push(clock.now());
      if (life.isOver) return;
      // Nothing may be left that acts later.
      life.end();
      network.crash(ourAddress);
      now = undefined;
      trace.add("server", "has stopped");
    },
  };
}

function configOf(expireAfterMs: number): Config {
  const expire = `${expireAfterMs / 60_000} min`;
  const answer = readConfig(undefined, [
    { key: "queue.expireAfter", value: expire, where: "simulation" },
    { key: "limits.messageSizeMax", value: "1 MiB", where: "simulation" },
  ]);
  assert(answer.kind === "config", "the simulation's settings are right");
  return answer.config;
}

async function furnish({ directory, passwords }: Services): Promise<void> {
  await provision(directory, passwords, {
    domains: [ourDomain],
    accounts: people.map(({ address, password }) => ({ address, password })),
    quotaBytes: 0,
  });
  for (const { address, quotaBytes } of people) await directory.setQuota(address, quotaBytes);
  for (const [address, targets] of aliases) await directory.putAlias(address, targets);
}

/** The server's events go into the trace; those that tell of a bug are kept for the checkers. */
function createLog({ trace, ledger }: Stage): Log {
  return {
    write(level, event, facts = {}) {
      // Stacks differ from machine to machine.
      const { detail, ...plain } = facts;
      trace.add("server", `${event} ${JSON.stringify(plain)}`);
      const isBug = facts["reason"] === "bug" || /bug$/i.test(event);
      const text = typeof detail === "string" ? detail : "";
      if (isBug || text.includes("InvariantError") || text.includes("TypeError")) {
        ledger.bugs.push(`${level} ${event} ${JSON.stringify(plain)} ${text}`);
      }
    },
  };
}
