import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findPortOffset, startServerProcess } from "../server-process.ts";
import type { Person, ServerProcess } from "../server-process.ts";

/** One thing that must hold whenever the process is killed. */
export interface DurabilityCase {
  readonly name: string;
  /** Why it cannot run on this machine, if so. */
  readonly whySkipped?: () => string | undefined;
  /** @returns what was counted, for the report. @throws Error when something acknowledged is lost. */
  run(house: House): Promise<string>;
}

/** A data folder on which servers are started again and again. */
export interface House {
  readonly domain: string;
  readonly ana: Person;
  readonly folder: string;
  readonly data: string;
  /** Starts the server on the data folder. */
  start(options?: readonly string[]): Promise<ServerProcess>;
  /** Kills what still runs. */
  killAll(): Promise<void>;
  /** Kills what still runs and removes the folder. */
  leave(): Promise<void>;
}

const domain = "golub.test";
const ana: Person = { address: `ana@${domain}`, password: "lozinka ana 1" };

export function openHouse(): House {
  const folder = mkdtempSync(join(tmpdir(), "golub-durability-"));
  const data = join(folder, "data");
  mkdirSync(data);
  let offset: number | undefined;
  let running: ServerProcess | undefined;
  const killAll = async () => {
    if (running?.isRunning === true) await running.end("SIGKILL");
  };
  return {
    ...{ domain, ana, folder, data },
    async start(options = []) {
      running = await startServerProcess({
        ...{ data, domain, people: [ana], options },
        readyFile: join(folder, "ready.json"),
        portOffset: (offset ??= await findPortOffset(29_000)),
      });
      return running;
    },
    killAll,
    async leave() {
      await killAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
