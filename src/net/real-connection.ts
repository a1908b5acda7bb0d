import type net from "node:net";
import { assert } from "../base/assert.ts";
import { concat } from "../base/bytes.ts";
import type { Clock, Timer } from "../base/clock.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import type {
  Connection,
  Endpoint,
  TlsClientOptions,
  TlsFacts,
  TlsServerContext,
} from "./network.ts";
import { plainAddress } from "./networks.ts";
import type { OpeningTls } from "./real-tls.ts";
import { handshake, openTlsClient, openTlsServer, tlsFacts } from "./real-tls.ts";

/** First byte of a TLS handshake record (RFC 8446 §5.1). */
const tlsHandshakeRecord = 0x16;

const never = Number.POSITIVE_INFINITY;
const nobody = (): void => undefined;

/**
 * A socket as a pulled stream. Made to be cheap while idle: listeners are added when first needed,
 * and one timer, armed lazily and never disarmed by traffic, watches all deadlines.
 */
export class RealConnection implements Connection {
  readonly clock: Clock;
  readonly #limits: ConnectionLimits;
  #socket: net.Socket;
  #tls: TlsFacts | undefined;
  #remote: Endpoint;
  #local: Endpoint | undefined;

  #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  #isFlowing = false;
  #isPaused = false;
  /** The peer has ended its side. */
  #hasEnded = false;
  /** Why nothing more can come or go. */
  #lost: string | undefined;

  #reader: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #readDueMs = never;
  #drain: PromiseWithResolvers<void> | undefined;
  #drainDueMs = never;
  #drainBytes = 0;
  #closed: PromiseWithResolvers<void> | undefined;
  #lingerDueMs = never;
  #lingerBytes = 0;
  #timer: Timer | undefined;
  #timerDueMs = never;

  constructor(socket: net.Socket, clock: Clock, limits: ConnectionLimits) {
    this.#socket = socket;
    this.clock = clock;
    this.#limits = limits;
    this.#remote = {
      address: plainAddress(socket.remoteAddress ?? ""),
      port: socket.remotePort ?? 0,
    };
    this.#attach(socket);
  }

  get local(): Endpoint {
    return (this.#local ??= {
      address: plainAddress(this.#socket.localAddress ?? ""),
      port: this.#socket.localPort ?? 0,
    });
  }

  get remote(): Endpoint {
    return this.#remote;
  }

  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Takes the peer's word for who it speaks (PROXY header); only for trusted proxies. */
  rename(remote: Endpoint, local: Endpoint): void {
    this.#remote = remote;
    this.#local = local;
  }

  /** Puts bytes back in front: the next read returns them, or a TLS handshake begins with them. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#arrived.unshift(bytes);
    this.#arrivedBytes += bytes.length;
  }

  read(timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.#arrivedBytes > 0) return Promise.resolve(this.#takeArrived());
    if (this.#hasEnded) return Promise.resolve(undefined);
    if (this.#lost !== undefined) return Promise.reject(new ConnectionLost(this.#lost));
    assert(this.#reader === undefined, "two reads of one connection at a time");
    this.#reader = Promise.withResolvers();
    this.#readDueMs = this.clock.monotonicMs() + timeoutMs;
    this.#watch(this.#readDueMs);
    this.#flow();
    return this.#reader.promise;
  }

  write(data: Uint8Array | string): Promise<void> | undefined {
    if (this.#lost !== undefined) return rejected(this.#lost);
    const socket = this.#socket;
    const hasRoom = typeof data === "string" ? socket.write(data, "latin1") : socket.write(data);
    if (hasRoom) return undefined;
    if (socket.writableLength > this.#limits.unsentBytesMax) {
      this.#lose("peer does not read: too many bytes wait");
      return rejected("peer does not read");
    }
    return this.#drained();
  }

  async startTlsServer(context: TlsServerContext, timeoutMs: number): Promise<void> {
    await this.#startTls((plain) => openTlsServer(plain, context), timeoutMs);
  }

  async startTlsClient(options: TlsClientOptions, timeoutMs: number): Promise<void> {
    await this.#startTls((plain) => openTlsClient(plain, options), timeoutMs);
  }

  async end(): Promise<void> {
    if (this.#lost !== undefined) return;
    this.#closed ??= Promise.withResolvers();
    this.#arrived = [];
    this.#arrivedBytes = 0;
    const socket = this.#socket;
    this.#drainBytes = socket.writableLength;
    if (this.#drainBytes > 0) socket.once("finish", () => this.#linger(this.#limits.lingerMs));
    this.#linger(this.#drainBytes > 0 ? this.#limits.writeStallMs : this.#limits.lingerMs);
    socket.end();
    this.#flow();
    await this.#closed.promise;
  }

  destroy(): void {
    this.#lose("closed here");
  }

  #linger(ms: number): void {
    if (this.#lost !== undefined) return;
    this.#lingerDueMs = this.clock.monotonicMs() + ms;
    this.#watch(this.#lingerDueMs);
  }

  /** Waits until the system has taken everything. To be called when a write found no room. */
  #drained(): Promise<void> {
    if (this.#drain === undefined) {
      this.#drain = Promise.withResolvers();
      // Whoever writes without waiting learns of the loss from the next read.
      this.#drain.promise.catch(nobody);
      this.#drainBytes = this.#socket.writableLength;
      this.#drainDueMs = this.clock.monotonicMs() + this.#limits.writeStallMs;
      this.#watch(this.#drainDueMs);
      this.#socket.once("drain", () => {
        this.#drainDueMs = never;
        this.#drain?.resolve();
        this.#drain = undefined;
      });
    }
    return this.#drain.promise;
  }

  async #startTls(open: (plain: net.Socket) => OpeningTls, timeoutMs: number): Promise<void> {
    this.#refuseLost();
    assert(this.#reader === undefined, "TLS cannot start while a read waits");
    assert(this.#drain === undefined, "TLS cannot start while plain bytes wait to be sent");
    assert(this.#tls === undefined, "TLS is there already");
    const opening = open(this.#detach());
    try {
      await handshake(opening, this.clock, timeoutMs);
      this.#refuseLost();
      this.#tls = tlsFacts(opening.socket);
    } catch (error) {
      opening.socket.on("error", nobody);
      opening.socket.destroy();
      this.#lose("TLS handshake failed");
      throw error;
    }
    this.#socket = opening.socket;
    this.#attach(opening.socket);
  }

  #refuseLost(): void {
    if (this.#lost !== undefined) throw new ConnectionLost(this.#lost);
  }

  /**
   * Lets go of the plain socket. What it brought and nobody read is the start of a handshake, or
   * plain text that must not pass for protected (RFC 3207 §4.2): that is dropped.
   */
  #detach(): net.Socket {
    const plain = this.#socket;
    plain.removeAllListeners("data");
    plain.pause();
    const waiting = this.#arrivedBytes > 0 ? this.#takeArrived() : undefined;
    if (waiting?.[0] === tlsHandshakeRecord) plain.unshift(waiting);
    this.#isFlowing = false;
    this.#isPaused = false;
    return plain;
  }

  #attach(socket: net.Socket): void {
    socket.on("error", (error) => this.#lose(error.message));
    socket.on("close", () => this.#lose("connection closed"));
  }

  #flow(): void {
    if (this.#isFlowing) {
      if (this.#isPaused) {
        this.#isPaused = false;
        this.#socket.resume();
      }
      return;
    }
    this.#isFlowing = true;
    this.#socket.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    this.#socket.on("end", () => this.#onEnd());
  }

  #onData(chunk: Uint8Array): void {
    if (this.#closed !== undefined) {
      this.#lingerBytes += chunk.length;
      if (this.#lingerBytes > this.#limits.lingerBytesMax) this.destroy();
      return;
    }
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      this.#readDueMs = never;
      reader.resolve(chunk);
      return;
    }
    this.#arrived.push(chunk);
    this.#arrivedBytes += chunk.length;
    if (this.#arrivedBytes >= this.#limits.arrivedBytesMax) {
      this.#isPaused = true;
      this.#socket.pause();
    }
  }

  #onEnd(): void {
    this.#hasEnded = true;
    this.#readDueMs = never;
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
  }

  #takeArrived(): Uint8Array {
    const bytes = concat(this.#arrived);
    this.#arrived = [];
    this.#arrivedBytes = 0;
    if (this.#isPaused) this.#flow();
    return bytes;
  }

  /** Makes an error only for those who wait: its stack costs more than a command. */
  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    this.#socket.destroy();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#reader?.reject(new ConnectionLost(why));
    this.#reader = undefined;
    this.#drain?.reject(new ConnectionLost(why));
    this.#drain = undefined;
    this.#closed?.resolve();
  }

  /** Makes sure that the timer fires at `dueMs` or before. */
  #watch(dueMs: number): void {
    if (this.#timer !== undefined && this.#timerDueMs <= dueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.clock.after(dueMs - this.clock.monotonicMs(), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    const nowMs = this.clock.monotonicMs();
    const isLingerOver = this.#lingerDueMs <= nowMs;
    if (isLingerOver || this.#drainDueMs <= nowMs) {
      const unsent = this.#socket.writableLength;
      const isStuck = unsent >= this.#drainBytes || (isLingerOver && unsent === 0);
      if (isStuck) return this.#lose("peer does not read");
      this.#drainBytes = unsent;
      if (isLingerOver) this.#lingerDueMs = nowMs + this.#limits.writeStallMs;
      else this.#drainDueMs = nowMs + this.#limits.writeStallMs;
    }
    if (this.#readDueMs <= nowMs) {
      this.#readDueMs = never;
      this.#reader?.reject(new Refusal("timeout", "Nothing came for too long."));
      this.#reader = undefined;
    }
    const nextMs = Math.min(this.#lingerDueMs, this.#drainDueMs, this.#readDueMs);
    if (nextMs < never) this.#watch(nextMs);
  }
}

/** A rejection that may go unnoticed: whoever does not wait learns of it from the next read. */
function rejected(why: string): Promise<never> {
  const promise = Promise.reject(new ConnectionLost(why));
  promise.catch(nobody);
  return promise;
}
