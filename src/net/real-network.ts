import net from "node:net";
import type { Clock } from "../base/clock.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import { silentLog } from "../base/log.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { defaultConnectionLimits } from "./connection-limits.ts";
import type { Connection, ConnectOptions, Endpoint, Listener, Network } from "./network.ts";
import { plainAddress } from "./networks.ts";
import { admitProxied } from "./proxy-admission.ts";
import { RealConnection } from "./real-connection.ts";

/**
 * Half-open, since a client may end its side and still read; no delay, since answers are gathered
 * before they are sent; probes, since a phone that is gone would else stay in IDLE for half an hour.
 */
const socketOptions = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 600_000,
} as const;

export interface RealNetworkOptions {
  readonly clock: Clock;
  readonly log?: Log;
  readonly limits?: Partial<ConnectionLimits>;
}

/** The machine's sockets. */
export function createRealNetwork(options: RealNetworkOptions): Network {
  const { clock, log = silentLog } = options;
  const limits = { ...defaultConnectionLimits, ...options.limits };
  const server = net.createServer.bind(undefined, { ...socketOptions });

  return {
    async listen({ address, port, proxyFrom }, accept) {
      const admit = (connection: Connection): void => {
        try {
          accept(connection);
        } catch (error) {
          connection.destroy();
          log.write("error", "net.acceptFailed", { detail: String(error) });
        }
      };
      const listening = server((socket) => {
        // A peer that is gone before it was accepted has no address any more.
        if (socket.remoteAddress === undefined) return void socket.destroy();
        const connection = new RealConnection(socket, clock, limits);
        if (proxyFrom?.has(connection.remote.address) !== true) admit(connection);
        else void admitProxied(connection, admit, log);
      });
      await new Promise<void>((resolve, reject) => {
        listening.once("error", reject);
        listening.listen({ host: address, port, backlog: 1024 }, () => {
          listening.removeListener("error", reject);
          resolve();
        });
      });
      // Out of file descriptors, for one: the listener goes on, and the log says so.
      listening.on("error", (error) => {
        log.write("error", "net.acceptFailed", { detail: error.message });
      });
      return listener(listening);
    },
    connect: (target) => connectSocket(target, clock, limits),
  };
}

function listener(server: net.Server): Listener {
  return {
    local: boundEndpoint(server),
    close: () =>
      new Promise((resolve) => {
        // The callback waits for all connections to end; that accepting has stopped is enough.
        server.close();
        setImmediate(resolve);
      }),
  };
}

function boundEndpoint(server: net.Server): Endpoint {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new ConnectionLost("not listening");
  return { address: plainAddress(bound.address), port: bound.port };
}

function connectSocket(
  { address, port, localAddress, timeoutMs }: ConnectOptions,
  clock: Clock,
  limits: ConnectionLimits,
): Promise<Connection> {
  if (net.isIP(address) === 0) {
    // A name would go to the system's resolver, behind the back of ours.
    return Promise.reject(new ConnectionLost(`${address} is not an IP address`));
  }
  return new Promise((resolve, reject) => {
    const socket = net.connect({
      host: address,
      port,
      ...socketOptions,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const timer = clock.after(timeoutMs, () => {
      socket.destroy();
      reject(new Refusal("timeout", `No answer from ${address} port ${port}.`));
    });
    const fail = (error: Error): void => {
      timer.cancel();
      reject(new ConnectionLost(`cannot connect to ${address} port ${port}: ${error.message}`));
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      timer.cancel();
      socket.removeListener("error", fail);
      resolve(new RealConnection(socket, clock, limits));
    });
  });
}
