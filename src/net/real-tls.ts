import { isIP } from "node:net";
import type net from "node:net";
import tls from "node:tls";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { TlsClientOptions, TlsFacts, TlsServerContext } from "./network.ts";
import { CertificateContext } from "./tls-context.ts";

/** RFC 9266 §2: label and length of the channel binding value; its context is empty. */
const exporterLabel = "EXPORTER-Channel-Binding";
const exporterBytes = 32;

/** A socket that has begun to speak TLS, and the event by which it says that it may be used. */
export interface OpeningTls {
  readonly socket: tls.TLSSocket;
  readonly doneEvent: "secure" | "secureConnect";
}

/** Server side of TLS over a socket that nobody reads any more. */
export function openTlsServer(plain: net.Socket, context: TlsServerContext): OpeningTls {
  assert(context instanceof CertificateContext, "a TLS context that is not of real certificates");
  const socket = new tls.TLSSocket(plain, { isServer: true, ...context.socketOptions() });
  return { socket, doneEvent: "secure" };
}

/** Client side of TLS over a socket that nobody reads any more. */
export function openTlsClient(plain: net.Socket, options: TlsClientOptions): OpeningTls {
  const { serverName, mustVerify, extraCa } = options;
  const socket = tls.connect({
    socket: plain,
    minVersion: "TLSv1.2",
    rejectUnauthorized: mustVerify,
    // RFC 6066 §3: an address is no server name.
    ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
    ...(extraCa === undefined ? {} : { ca: [...tls.getCACertificates(), extraCa] }),
  });
  return { socket, doneEvent: "secureConnect" };
}

/**
 * Waits for the end of the handshake.
 * @throws ConnectionLost when it failed, Refusal `timeout`.
 */
export function handshake(opening: OpeningTls, clock: Clock, timeoutMs: number): Promise<void> {
  const { socket, doneEvent } = opening;
  return new Promise((resolve, reject) => {
    // Without a reader the end of input shows only when it is asked for.
    const look = (): void => {
      if (socket.readableLength === 0) socket.read();
    };
    const finish = (): void => {
      timer.cancel();
      socket.removeListener("readable", look);
      socket.removeListener(doneEvent, done);
      for (const event of failEvents) socket.removeListener(event, fail);
    };
    const done = (): void => {
      finish();
      resolve();
    };
    const fail = (error: unknown): void => {
      finish();
      const why = error instanceof Error ? error.message : "connection closed";
      reject(new ConnectionLost(`TLS: ${why}`));
    };
    const timer = clock.after(timeoutMs, () => {
      finish();
      reject(new Refusal("timeout", "TLS handshake took too long."));
    });
    socket.on("readable", look);
    socket.on(doneEvent, done);
    for (const event of failEvents) socket.on(event, fail);
  });
}

const failEvents = ["_tlsError", "error", "end", "close"];

/** What the handshake agreed on. */
export function tlsFacts(socket: tls.TLSSocket): TlsFacts {
  const version = socket.getProtocol() ?? "unknown";
  const serverName = serverNameOf(socket);
  return {
    version,
    cipher: socket.getCipher().standardName,
    isPeerVerified: socket.authorized,
    ...(serverName === undefined ? {} : { serverName }),
    // RFC 9266 §3: with TLS 1.2 the value is unique only under conditions that we cannot see.
    ...(version === "TLSv1.3" ? { exporter: exporterValue(socket) } : {}),
  };
}

function exporterValue(socket: tls.TLSSocket): Uint8Array {
  return socket.exportKeyingMaterial(exporterBytes, exporterLabel, Buffer.alloc(0));
}

function serverNameOf(socket: tls.TLSSocket): string | undefined {
  const name: unknown = Reflect.get(socket, "servername");
  return typeof name === "string" && name !== "" ? name.toLowerCase() : undefined;
}
