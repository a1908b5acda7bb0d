import { existsSync } from "node:fs";

import { callAdmin } from "../../admin/admin-client.ts";
import { createOperations } from "../../admin/operations.ts";
import { adminSocketPath } from "../../admin/socket-path.ts";
import { Refusal } from "../../base/faults.ts";
import { silentLog } from "../../base/log.ts";
import { createRealClock } from "../../net/real-clock.ts";
import { createRealNetwork } from "../../net/real-network.ts";
import { createRealRandom } from "../../net/real-random.ts";
import type { Config } from "../config/schema.ts";
import { createResolver } from "../create-resolver.ts";
import { createDkimKeys } from "../dkim-keys.ts";
import { getHostName } from "../host-name.ts";
import { createServices } from "../services.ts";
import { openStore } from "./open-store.ts";
import { getConfig } from "./options.ts";
import type { CommonOptions } from "./options.ts";

/** Operations that may be the first that is done with a data folder. */
const beginning: ReadonlySet<string> = new Set(["domain.add", "account.add"]);

/** @throws Refusal: a mistyped folder is not made, only to say that nobody is in it. */
function needData({ server: { store, dataFolder } }: Config, name: string): void {
  if (name.startsWith("server.")) {
    throw new Refusal("unavailable", `No server is running on the data folder ${dataFolder}.`);
  }
  if (store !== "embedded" || beginning.has(name) || existsSync(dataFolder)) return;
  const advice = "Name the right one with --data or --config.";
  throw new Refusal("unavailable", `There is no data folder ${dataFolder}. ${advice}`);
}

/**
 * Does an operation: through the socket of the running server, or, when none runs, on the store
 * itself with the same services, which then neither listen nor send.
 * @throws Refusal as the operation does.
 */
export async function call(
  options: CommonOptions,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const config = getConfig(options);
  const answer = await callAdmin(adminSocketPath(config.server.dataFolder), name, args);
  if (answer.kind === "result") return answer.result;
  needData(config, name);
  const base = { clock: createRealClock(), random: createRealRandom(), log: silentLog };
  const store = await openStore(config, base);
  try {
    const network = createRealNetwork(base);
    const resolver = createResolver("off", { ...base, network });
    const domains = (await store.directory.domains()).map((domain) => domain.name);
    const { dataFolder } = config.server;
    const dkimKeys = createDkimKeys({ dataFolder, clock: base.clock });
    const facts = { hostName: getHostName(config, domains), isOwn: () => false, dkimKeys };
    const services = createServices(config, { ...base, store, network, resolver }, facts);
    const operations = createOperations({
      directory: services.directory,
      devices: services.devices,
      mail: services.mail,
      queue: services.queue.operations,
      store,
      quotaBytes: config.limits.quota,
      domainRecords: services.domainRecords,
      makeKeys: services.makeKeys,
    });
    const result = await operations.call(name, args);
    await services.stop(0);
    return result;
  } finally {
    await store.close();
  }
}
