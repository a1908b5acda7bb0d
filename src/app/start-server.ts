import { mkdirSync } from "node:fs";

import type { PasswordCost } from "../accounts/password.ts";
import { serveAdmin } from "../admin/admin-server.ts";
import { createOperations } from "../admin/operations.ts";
import { adminSocketPath } from "../admin/socket-path.ts";
import { LoginGuard } from "../protocol/login-guard.ts";
import type { Endpoint } from "../net/network.ts";
import { CertificateContext } from "../net/tls-context.ts";
import type { Maintenance } from "../store/maintenance.ts";
import type { Store } from "../store/store.ts";
import { loadCertificates } from "./certificates.ts";
import type { Config } from "./config/schema.ts";
import { createDkimKeys } from "./dkim-keys.ts";
import { openDoors } from "./doors.ts";
import type { Doors } from "./doors.ts";
import { getHostName } from "./host-name.ts";
import { housekeep } from "./housekeeping.ts";
import { openListeners } from "./listeners.ts";
import { isOwnEndpoint } from "./own-endpoints.ts";
import type { ListenerFacts } from "./ready-file.ts";
import { judgeReload } from "./reload.ts";
import { createServices } from "./services.ts";
import type { Ports, Services } from "./services.ts";

export interface StartOptions {
  /** Read again at each reload. */
  readonly readConfig: () => Config;
  readonly ports: Ports & { readonly store: Store & Maintenance };
  readonly version: string;
  /** Names that a new certificate is for; the first is meant where no domain is named. */
  readonly domains: readonly string[];
  /** Runs before the first connection is accepted: makes what must exist by then. */
  readonly prepare?: (services: Services) => Promise<void>;
  /** Cheaper hashes, for tests. */
  readonly passwordCost?: PasswordCost;
}

/** A server that accepts connections. */
export interface RunningServer {
  readonly services: Services;
  readonly hostName: string;
  readonly listeners: readonly ListenerFacts[];
  /**
   * Reads configuration and certificates again; open connections go on as they are.
   * @returns sentences that say what is different now and what needs a restart.
   * @throws Refusal naming what is wrong; everything stays then.
   */
  reload(): Promise<readonly string[]>;
  /** Ends everything politely, then closes the store. */
  stop(): Promise<void>;
}

/** Starts everything behind a configuration. What was begun is undone when a part cannot start. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { ports, domains } = options;
  const { clock, random, log, store } = ports;
  await using undo = new AsyncDisposableStack();
  undo.defer(() => store.close());
  let config = options.readConfig();
  mkdirSync(config.server.dataFolder, { recursive: true, mode: 0o700 });
  const hostName = getHostName(config, domains);
  const names = [hostName, ...domains];
  const pair = loadCertificates(config, names, ports);
  const tls = new CertificateContext([pair]);
  const listeners: ListenerFacts[] = [];
  const isOwn = (endpoint: Endpoint) => isOwnEndpoint(listeners, endpoint);
  const { passwordCost } = options;
  const cost = passwordCost === undefined ? {} : { passwordCost };
  const dkimKeys = createDkimKeys({ dataFolder: config.server.dataFolder, clock });
  const services = createServices(config, ports, { hostName, isOwn, dkimKeys, ...cost });
  undo.defer(() => services.stop(config.server.shutdownTime));
  await options.prepare?.(services);
  const doorFacts = { hostName, mainDomain: domains[0] ?? hostName, tls };
  const guardOf = ({ login }: Config) => new LoginGuard({ clock, failuresMax: login.failuresMax });
  let guard = guardOf(config);
  let doors = openDoors(config, ports, services, { ...doorFacts, guard });
  const allDoors = new Set<Doors>([doors]);
  undo.defer(async () => {
    await Promise.all([...allDoors].map((each) => each.close(config.server.shutdownTime)));
  });
  const listening = await openListeners({
    config,
    ports,
    certificate: pair,
    directory: services.directory,
    accept: (protocol, connection) => doors.accept(protocol, connection),
  });
  undo.defer(() => listening.close());
  listeners.push(...listening.facts);
  const reload = async () => {
    const next = options.readConfig();
    const fresh = loadCertificates(next, names, ports);
    tls.replace([fresh]);
    listening.setCertificate(fresh);
    const judged = judgeReload(config, next);
    if (next.login.failuresMax !== config.login.failuresMax) guard = guardOf(next);
    config = judged.config;
    doors = openDoors(config, ports, services, { ...doorFacts, guard });
    for (const old of allDoors) if (old.sessionCount === 0) allDoors.delete(old);
    allDoors.add(doors);
    log.write("info", "app.reloaded", { changes: judged.sentences.length });
    return ["Certificates were read again.", ...judged.sentences];
  };
  const startedAtMs = clock.monotonicMs();
  const operations = createOperations({
    directory: services.directory,
    devices: services.devices,
    mail: services.mail,
    queue: services.queue.operations,
    store,
    quotaBytes: config.limits.quota,
    domainRecords: services.domainRecords,
    makeKeys: services.makeKeys,
    server: {
      status: () => ({
        version: options.version,
        hostName,
        upSeconds: Math.floor((clock.monotonicMs() - startedAtMs) / 1000),
        sessions: [...allDoors].reduce((sum, each) => sum + each.sessionCount, 0),
        deliveriesUnderWay: services.queue.attemptCount,
        listeners,
      }),
      reload,
    },
  });
  undo.use(await serveAdmin(adminSocketPath(config.server.dataFolder), operations, log));
  services.queue.start();
  // Not waited for: who needs a key before gets it as soon.
  void services.makeKeys();
  undo.use(housekeep(store, { clock, random, log }));
  const started = undo.move();
  log.write("info", "app.started", { hostName, listeners: listeners.length });
  return {
    services,
    hostName,
    listeners,
    reload,
    async stop() {
      log.write("info", "app.stopping");
      await started.disposeAsync();
      log.write("info", "app.stopped");
    },
  };
}
