import { callAdmin } from "../../admin/admin-client.ts";
import { createOperations } from "../../admin/operations.ts";
import { adminSocketPath } from "../../admin/socket-path.ts";
import { silentLog } from "../../base/log.ts";
import { createRealClock } from "../../net/real-clock.ts";
import { createRealNetwork } from "../../net/real-network.ts";
import { createRealRandom } from "../../net/real-random.ts";
import { createResolver } from "../create-resolver.ts";
import { getHostName } from "../host-name.ts";
import { createServices } from "../services.ts";
import { openStore } from "./open-store.ts";
import { getConfig } from "./options.ts";
import type { CommonOptions } from "./options.ts";

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
  const base = { clock: createRealClock(), random: createRealRandom(), log: silentLog };
  const store = await openStore(config, base);
  try {
    const network = createRealNetwork(base);
    const resolver = createResolver("off", { ...base, network });
    const domains = (await store.directory.domains()).map((domain) => domain.name);
    const facts = { hostName: getHostName(config, domains), isOwn: () => false };
    const services = createServices(config, { ...base, store, network, resolver }, facts);
    const operations = createOperations({
      directory: services.directory,
      queue: services.queue.operations,
      store,
      quotaBytes: config.limits.quota,
    });
    const result = await operations.call(name, args);
    await services.stop(0);
    return result;
  } finally {
    await store.close();
  }
}
