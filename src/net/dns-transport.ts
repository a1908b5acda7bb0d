import dgram from "node:dgram";
import { isIP } from "node:net";
import { asBuffer, concat } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { Endpoint, Network } from "./network.ts";

/** Sends a question to a server and returns what may be the answer. */
export interface DnsTransport {
  /**
   * Over UDP, from a new port each time (RFC 5452 §9.2). Datagrams that `isAnswer` does not want
   * are passed over: somebody may be guessing.
   * @throws ConnectionLost, Refusal `timeout`.
   */
  askUdp(
    server: Endpoint,
    query: Uint8Array,
    timeoutMs: number,
    isAnswer: (bytes: Uint8Array) => boolean,
  ): Promise<Uint8Array>;
  /** Over TCP (RFC 7766 §8: two bytes of length first). @throws as `askUdp`. */
  askTcp(server: Endpoint, query: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
}

export function createDnsTransport(clock: Clock, network: Network): DnsTransport {
  return {
    askUdp: (server, query, timeoutMs, isAnswer) =>
      new Promise((resolve, reject) => {
        const socket = dgram.createSocket(isIP(server.address) === 6 ? "udp6" : "udp4");
        // Whatever comes once it is closed comes too late: closing twice would throw.
        let isOver = false;
        const finish = (): boolean => {
          if (isOver) return false;
          isOver = true;
          timer.cancel();
          socket.close();
          return true;
        };
        const fail = (error: Error): void => {
          if (finish()) reject(new ConnectionLost(error.message));
        };
        const timer = clock.after(timeoutMs, () => {
          if (finish()) reject(new Refusal("timeout", "No answer from the DNS server."));
        });
        socket.on("error", fail);
        socket.on("message", (bytes) => {
          if (isAnswer(bytes) && finish()) resolve(bytes);
        });
        // A connected socket takes datagrams from this server only, and hears that it is down.
        // Node.js calls back with an error (no route, no network), which its types do not know.
        const onConnected = (error?: Error | null): void => {
          if (error instanceof Error) fail(error);
          else if (!isOver) socket.send(query, (failed) => failed !== null && fail(failed));
        };
        socket.connect(server.port, server.address, onConnected);
      }),
    async askTcp(server, query, timeoutMs) {
      const connection = await network.connect({ ...server, timeoutMs });
      try {
        const untilMs = clock.monotonicMs() + timeoutMs;
        void connection.write(concat([lengthOf(query), query]));
        const parts: Uint8Array[] = [];
        let gathered = 0;
        let wanted = 2;
        for (;;) {
          const part = await connection.read(Math.max(1, untilMs - clock.monotonicMs()));
          if (part === undefined) throw new ConnectionLost("ended inside a DNS answer");
          parts.push(part);
          gathered += part.length;
          if (gathered < wanted) continue;
          const bytes = asBuffer(concat(parts));
          wanted = 2 + bytes.readUInt16BE(0);
          if (gathered >= wanted) return bytes.subarray(2, wanted);
          parts.splice(0, parts.length, bytes);
        }
      } finally {
        connection.destroy();
      }
    },
  };
}

function lengthOf(query: Uint8Array): Uint8Array {
  return Uint8Array.of(query.length >> 8, query.length & 255);
}
