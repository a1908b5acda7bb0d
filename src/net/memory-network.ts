import { isIP } from "node:net";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import { silentLog } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { seededRandom } from "../base/random.ts";
import { MemoryConnection } from "./memory-connection.ts";
import type { PipeOptions } from "./memory-pipe.ts";
import { MemoryPipe } from "./memory-pipe.ts";
import type {
  Connection,
  ConnectOptions,
  Endpoint,
  Listener,
  ListenOptions,
  Network,
} from "./network.ts";
import type { Networks } from "./networks.ts";
import { admitProxied } from "./proxy-admission.ts";

/** How one connection fares; every field has a default that makes it perfect. */
export interface Link {
  /** One way, milliseconds. */
  readonly latencyMs?: number;
  /** Bytes that may be unread before the writer has to wait; 256 KiB by default. */
  readonly windowBytes?: number;
  /** Zero is without limit. */
  readonly bytesPerSecond?: number;
  /** Splits what is sent into pieces of any size. */
  readonly random?: Random;
  /** "refused": nobody listens; "silent": no answer ever comes, so that connecting times out. */
  readonly obstacle?: "refused" | "silent";
  /** Breaks the connection once so many bytes have gone from the one who connected, or to it. */
  readonly cutAfterSentBytes?: number;
  readonly cutAfterReceivedBytes?: number;
}

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** For the values of handshakes; a seeded one by default. */
  readonly random?: Random;
  /** How long a writer waits for a peer who does not read; two minutes by default. */
  readonly writeStallMs?: number;
  /** Decides about each connection when it is made. */
  readonly link?: (from: Endpoint, to: Endpoint) => Link;
}

/** Machines within the process that can connect to each other. As a Network it is 127.0.0.1. */
export interface MemoryNetwork extends Network {
  /** The network as the machine with this address sees it. */
  host(address: string): Network;
  /** Connections that are open, those closed at one end only included. */
  readonly openCount: number;
  /** Breaks all connections of a machine and ends its listeners, as when it loses power. */
  crash(address: string): void;
  /** Breaks connections for which `isMeant` holds, by default all; listeners stay. */
  cut(isMeant?: (client: Endpoint, server: Endpoint) => boolean): void;
}

interface Listening {
  readonly local: Endpoint;
  readonly proxyFrom: Networks | undefined;
  readonly accept: (connection: Connection) => void;
}

interface Open {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly cut: (why: ConnectionLost) => void;
}

const loopback = "127.0.0.1";
const windowBytesDefault = 256 * 1024;
const writeStallMsDefault = 120_000;
/** First port that is handed out for `port: 0` and for the ends of clients. */
const firstFreePort = 40_000;

export function createMemoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, random = seededRandom(1), writeStallMs = writeStallMsDefault } = options;
  const listening = new Set<Listening>();
  const open = new Set<Open>();
  let portNext = firstFreePort;

  const freePort = (): number => {
    portNext = portNext >= 65_535 ? firstFreePort : portNext + 1;
    return portNext;
  };
  const findListening = ({ address, port }: Endpoint): Listening | undefined =>
    [...listening].find(
      ({ local }) => local.port === port && (local.address === address || isAny(local.address)),
    );

  const listen = async (
    { address, port, proxyFrom }: ListenOptions,
    accept: Listening["accept"],
  ): Promise<Listener> => {
    const local = { address, port: port === 0 ? freePort() : port };
    if (findListening(local) !== undefined) throw new Error(`port ${port} is taken`);
    const entry: Listening = { local, proxyFrom, accept };
    listening.add(entry);
    const close = async (): Promise<void> => void listening.delete(entry);
    return { local, close };
  };

  const connect = async (from: string, target: ConnectOptions): Promise<Connection> => {
    const { address, port, timeoutMs } = target;
    assert(isIP(address) !== 0, "connect takes an address, not a name");
    const client = { address: target.localAddress ?? from, port: freePort() };
    const server = { address, port };
    const link = options.link?.(client, server) ?? {};
    if (link.obstacle === "silent") {
      await sleep(clock, timeoutMs);
      throw new Refusal("timeout", `No answer from ${address} port ${port}.`);
    }
    if (link.latencyMs !== undefined) await sleep(clock, 2 * link.latencyMs);
    const found = link.obstacle === "refused" ? undefined : findListening(server);
    if (found === undefined) {
      throw new ConnectionLost(`cannot connect to ${address} port ${port}: refused`);
    }
    return join(found, client, server, link);
  };

  const join = (found: Listening, client: Endpoint, server: Endpoint, link: Link): Connection => {
    const cut = (why: ConnectionLost): void => {
      open.delete(entry);
      up.break(why);
      down.break(why);
    };
    let openEnds = 2;
    const closed = (): void => {
      if (--openEnds === 0) open.delete(entry);
    };
    const entry: Open = { client, server, cut };
    const pipe = (cutAfterBytes: number | undefined): PipeOptions => ({
      clock,
      latencyMs: link.latencyMs ?? 0,
      windowBytes: link.windowBytes ?? windowBytesDefault,
      bytesPerSecond: link.bytesPerSecond ?? 0,
      cut: () => cut(new ConnectionLost("connection reset")),
      ...(link.random === undefined ? {} : { random: link.random }),
      ...(cutAfterBytes === undefined ? {} : { cutAfterBytes }),
    });
    const up = new MemoryPipe(pipe(link.cutAfterSentBytes));
    const down = new MemoryPipe(pipe(link.cutAfterReceivedBytes));
    const ends = { clock, random, writeStallMs, cut, closed };
    open.add(entry);
    const near = { local: client, remote: server, incoming: down, outgoing: up };
    const far = { local: server, remote: client, incoming: up, outgoing: down };
    const accepted = new MemoryConnection({ ...ends, ...far });
    // As with real sockets, nobody is called back from within connect.
    queueMicrotask(() => {
      if (found.proxyFrom?.has(client.address) !== true) found.accept(accepted);
      else void admitProxied(accepted, found.accept, silentLog);
    });
    return new MemoryConnection({ ...ends, ...near });
  };

  const cutWhere = (isMeant: (entry: Open) => boolean): void => {
    for (const entry of [...open]) {
      if (isMeant(entry)) entry.cut(new ConnectionLost("connection reset"));
    }
  };

  return {
    listen,
    connect: (target) => connect(loopback, target),
    host: (address) => ({
      listen: (where, accept) =>
        listen({ ...where, address: isAny(where.address) ? address : where.address }, accept),
      connect: (target) => connect(address, target),
    }),
    get openCount() {
      return open.size;
    },
    crash(address) {
      for (const entry of [...listening]) {
        if (entry.local.address === address) listening.delete(entry);
      }
      cutWhere(({ client, server }) => client.address === address || server.address === address);
    },
    cut: (isMeant = () => true) => cutWhere(({ client, server }) => isMeant(client, server)),
  };
}

function isAny(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
