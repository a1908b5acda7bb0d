import { Refusal } from "../../base/faults.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { openEmbeddedStore } from "../../store/embedded/open-embedded-store.ts";
import { defaultRetention } from "../../store/maintenance.ts";
import type { Maintenance } from "../../store/maintenance.ts";
import type { Store } from "../../store/store.ts";
import { openPostgresStore } from "../../store/postgres/open-postgres-store.ts";
import type { Config } from "../config/schema.ts";
import { makeDataFolder } from "./make-data-folder.ts";
import { findServerName } from "./server-name.ts";

/** Opens the store that the configuration names. @throws Refusal saying what to do. */
export async function openStore(
  config: Config,
  ports: { readonly clock: Clock; readonly random: Random; readonly log: Log },
): Promise<Store & Maintenance> {
  const { store, dataFolder } = config.server;
  makeDataFolder(dataFolder);
  const retention = {
    ...defaultRetention,
    messageMs: config.keep.deleted,
    journeyMs: config.keep.journeys,
  };
  if (store === "embedded") {
    const limits = { reserveBytes: config.limits.diskReserve };
    return openEmbeddedStore({ ...ports, folder: dataFolder, limits, retention });
  }
  if (/^postgres(ql)?:\/\//.test(store)) {
    const serverName = await findServerName(dataFolder, ports.random);
    return openPostgresStore({ ...ports, url: store, serverName, retention });
  }
  throw new Refusal(
    "unsupported",
    '--store can be "embedded" or an address postgres://user:password@host:port/database.',
  );
}
