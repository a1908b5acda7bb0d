import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { House } from "../durability/durability-case.ts";
import { findPortOffset, startServerProcess } from "../server-process.ts";
import type { Person, ServerProcess } from "../server-process.ts";

const domain = "golub.test";
const ana: Person = { address: `ana@${domain}`, password: "lozinka ana 1" };

/** Servers with a data folder each, and one store. */
export interface SharedHouse extends House {
  /** Starts server `index` on its data folder. */
  startOne(index: number, options?: readonly string[]): Promise<ServerProcess>;
}

/** `turn` says which server `start` starts the nth time. */
export function openSharedHouse(store: string, turn: (count: number) => number): SharedHouse {
  const folder = mkdtempSync(join(tmpdir(), "golub-shared-"));
  const running = new Map<number, ServerProcess>();
  const offsets = new Map<number, number>();
  let startCount = 0;
  const dataOf = (index: number) => {
    const data = join(folder, `data-${index}`);
    mkdirSync(data, { recursive: true });
    return data;
  };
  const startOne = async (index: number, options: readonly string[] = []) => {
    let portOffset = offsets.get(index);
    if (portOffset === undefined) portOffset = await findPortOffset(23_107 + index * 3000);
    offsets.set(index, portOffset);
    const server = await startServerProcess({
      ...{ data: dataOf(index), domain, portOffset },
      people: [ana],
      options: ["--store", store, ...options],
      readyFile: join(folder, `ready-${index}.json`),
    });
    running.set(index, server);
    return server;
  };
  const killAll = async () => {
    for (const server of running.values()) if (server.isRunning) await server.end("SIGKILL");
  };
  return {
    ...{ domain, ana, folder, data: dataOf(0) },
    start: (options) => startOne(turn(startCount++), options),
    startOne,
    killAll,
    async leave() {
      await killAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
