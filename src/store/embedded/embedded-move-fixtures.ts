import { cp, rename, rm } from "node:fs/promises";
import { silentLog } from "../../base/log.ts";
import { ManualClock } from "../contract-fixtures.ts";
import type { MovePlace } from "../move/move.contract.ts";
import { openEmbeddedSource } from "./dump-source.ts";
import { openEmbeddedTarget } from "./dump-target.ts";
import { openEmbeddedStore } from "./open-embedded-store.ts";
import { makeTestFolder } from "./test-folder.ts";

/** A folder of its own as a place that the move suite fills and copies. */
export async function makeEmbeddedPlace(): Promise<MovePlace> {
  const folder = await makeTestFolder();
  const options = { folder, clock: new ManualClock(), log: silentLog };
  return {
    openStore: () => openEmbeddedStore({ ...options, limits: { inlineBytesMax: 64 } }),
    openSource: async () => openEmbeddedSource(folder),
    openTarget: () => openEmbeddedTarget(options),
    // The files as they are, without a word to the one who writes them.
    snapshot: () => cp(folder, `${folder}-killed`, { recursive: true }),
    restore: async () => {
      await rm(folder, { recursive: true });
      await rename(`${folder}-killed`, folder);
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
