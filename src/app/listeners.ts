import type { Directory } from "../accounts/directory.ts";
import { Refusal } from "../base/faults.ts";
import type { Connection } from "../net/network.ts";
import { parseNetworks } from "../net/networks.ts";
import type { CertificatePair } from "../net/tls-context.ts";
import type { Config } from "./config/schema.ts";
import { listenerTable } from "./listener-table.ts";
import type { ListenerRow, MailProtocol } from "./listener-table.ts";
import type { ListenerFacts } from "./ready-file.ts";
import type { Ports } from "./services.ts";
import { startWeb } from "./web.ts";

export interface ListenersOptions {
  readonly config: Config;
  readonly ports: Pick<Ports, "network" | "log">;
  readonly certificate: CertificatePair;
  readonly directory: Directory;
  readonly accept: (protocol: MailProtocol, connection: Connection) => void;
}

export interface Listening {
  readonly facts: readonly ListenerFacts[];
  /** For new connections of HTTPS; the mail listeners have their own way (see tls-context). */
  setCertificate(pair: CertificatePair): void;
  /** Stops accepting; mail connections go on, those of the web end. */
  close(): Promise<void>;
}

/** Opens every listener that is not switched off, or none when one cannot be opened. */
export async function openListeners(options: ListenersOptions): Promise<Listening> {
  const { config, ports, certificate, directory, accept } = options;
  const { host: address, portOffset, off, proxies } = config.listen;
  const { network, log } = ports;
  const rows = listenerTable.filter(({ protocol }) => !off.includes(protocol));
  const proxyFrom = parseNetworks(proxies);
  const facts: ListenerFacts[] = [];
  const setters: ((pair: CertificatePair) => void)[] = [];
  await using undo = new AsyncDisposableStack();
  for (const { protocol, ...row } of rows) {
    const port = row.port + portOffset;
    const opened = await naming(protocol, address, port, async () => {
      if (protocol !== "http" && protocol !== "https") {
        return network.listen({ address, port, proxyFrom }, (connection) =>
          accept(protocol, connection),
        );
      }
      const secure = row.isImplicitTls ? certificate : undefined;
      const web = await startWeb({
        ...{ address, port, log, rows, portOffset, directory },
        hostName: config.server.hostName,
        certificate: secure,
      });
      setters.push((pair) => web.setCertificate(pair.certificate, pair.key));
      return web;
    });
    undo.defer(() => opened.close());
    facts.push({ protocol, address: opened.local.address, port: opened.local.port });
  }
  const open = undo.move();
  return {
    facts,
    setCertificate: (pair) => setters.forEach((set) => set(pair)),
    close: () => open.disposeAsync(),
  };
}

/** Runs `listen`; a failure becomes a sentence that says which listener, where and what to do. */
async function naming<Result>(
  protocol: ListenerRow["protocol"],
  host: string,
  port: number,
  listen: () => Promise<Result>,
): Promise<Result> {
  try {
    return await listen();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const why = message.includes("EADDRINUSE")
      ? "another program listens there. Stop it, or choose other ports with --port-offset."
      : message.includes("EACCES")
        ? "ports below 1024 need rights. Grant them to Node.js, or choose --port-offset 10000."
        : /ENOTFOUND|EADDRNOTAVAIL|EAI_AGAIN/.test(message)
          ? `this machine has no address ${host}. Choose another with --host (listen.host).`
          : `${message}.`;
    throw new Refusal("unavailable", `Cannot listen for ${protocol} on port ${port}: ${why}`);
  }
}
