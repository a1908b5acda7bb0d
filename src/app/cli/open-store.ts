import { Refusal } from "../../base/faults.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { openEmbeddedStore } from "../../store/embedded/open-embedded-store.ts";
import { defaultRetention } from "../../store/maintenance.ts";
import type { Maintenance } from "../../store/maintenance.ts";
import type { Store } from "../../store/store.ts";
import type { Config } from "../config/schema.ts";

/** Opens the store that the configuration names. @throws Refusal saying what to do. */
export async function openStore(
  config: Config,
  ports: { readonly clock: Clock; readonly random: Random; readonly log: Log },
): Promise<Store & Maintenance> {
  const { store, dataFolder } = config.server;
  if (store !== "embedded") {
    throw new Refusal("unsupported", `--store ${store}: only "embedded" is possible.`);
  }
  return openEmbeddedStore({
    ...ports,
    folder: dataFolder,
    limits: { reserveBytes: config.limits.diskReserve },
    retention: {
      ...defaultRetention,
      messageMs: config.keep.deleted,
      journeyMs: config.keep.journeys,
    },
  });
}
