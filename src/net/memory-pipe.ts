import { concat } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import { Fifo } from "./fifo.ts";

/** How bytes travel in one direction of a memory connection. */
export interface PipeOptions {
  readonly clock: Clock;
  /** Splits what is written into pieces of any size; whole pieces without it. */
  readonly random?: Random;
  readonly latencyMs: number;
  /** Bytes that may be on the way or unread before the writer has to wait. */
  readonly windowBytes: number;
  /** Zero is without limit. */
  readonly bytesPerSecond: number;
  /** Breaks the connection once so many bytes have gone this way. */
  readonly cutAfterBytes?: number;
  readonly cut: () => void;
}

/** A step of a TLS handshake, in order with the bytes. */
export interface Mark {
  readonly kind: "clientHello" | "serverHello";
  readonly serverName: string;
  readonly exporter?: Uint8Array;
  /** Names on the server's certificate and whether a client would trust it. */
  readonly names?: readonly string[];
  readonly isTrusted?: boolean;
}

type Item = Uint8Array | Mark | "end";

/** Longest pieces, bytes: small ones find the faults, so long writes begin with many of them. */
const smallPieceBytesMax = 64;
const largePieceBytesMax = 16 * 1024;
const smallPiecesUntilBytes = 4 * 1024;

/** One direction of a memory connection: bytes, handshake marks and the end, in order. */
export class MemoryPipe {
  readonly #options: PipeOptions;
  readonly #travelling = new Fifo<{ readonly item: Item; readonly dueMs: number }>();
  readonly #arrived = new Fifo<Item>();
  #unreadBytes = 0;
  #writtenBytes = 0;
  #freeAtMs = 0;
  #isTimerSet = false;
  #lost: ConnectionLost | undefined;
  #reader: { resolve(item: Item): void; reject(why: Error): void } | undefined;
  #writer: PromiseWithResolvers<void> | undefined;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  /** Bytes written and not read by the other end. */
  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  /** Why nothing goes through any more. */
  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  get isFull(): boolean {
    return this.#unreadBytes > this.#options.windowBytes;
  }

  /** Sends bytes, as a copy, in one or many pieces. */
  write(bytes: Uint8Array): void {
    const { random, cutAfterBytes } = this.#options;
    const room = cutAfterBytes === undefined ? bytes.length : cutAfterBytes - this.#writtenBytes;
    const taken = new Uint8Array(bytes.subarray(0, Math.max(0, room)));
    this.#writtenBytes += taken.length;
    this.#unreadBytes += taken.length;
    for (let at = 0; at < taken.length;) {
      const size = Math.min(pieceBytes(random, at), this.#tenthBytes());
      const piece = taken.subarray(at, at + size);
      this.#send(piece, piece.length);
      at += piece.length;
    }
    if (room < bytes.length) this.#options.cut();
  }

  mark(mark: Mark): void {
    this.#send(mark, 0);
  }

  end(): void {
    this.#send("end", 0);
  }

  /** Resolves once the other end has read enough. */
  async writable(stallMs: number): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    this.#writer ??= Promise.withResolvers<void>();
    const writer = this.#writer;
    const timer = this.#options.clock.after(stallMs, () => {
      writer.reject(new ConnectionLost("peer does not read"));
      this.#options.cut();
    });
    try {
      await writer.promise;
    } finally {
      timer.cancel();
    }
  }

  /** The next piece, mark or end. @throws Refusal `timeout`, ConnectionLost. */
  async take(timeoutMs: number): Promise<Item> {
    const item = this.#arrived.shift() ?? (await this.#wait(timeoutMs));
    if (item === "end") this.#arrived.unshift(item);
    if (item instanceof Uint8Array) this.#count(-item.length);
    return item;
  }

  /** Puts bytes back in front. */
  unread(bytes: Uint8Array): void {
    this.#arrived.unshift(bytes);
    this.#count(bytes.length);
  }

  /** Throws away the bytes that have arrived in front of a mark or the end. */
  dropBytes(): void {
    for (let item = this.#arrived.first; item instanceof Uint8Array; item = this.#arrived.first) {
      this.#count(-item.length);
      this.#arrived.shift();
    }
  }

  /** Breaks the pipe: what has arrived can still be read, nothing more comes. */
  break(why: ConnectionLost): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    this.#travelling.clear();
    this.#reader?.reject(why);
    this.#reader = undefined;
    this.#writer?.promise.catch(() => undefined);
    this.#writer?.reject(why);
  }

  /** What passes in a tenth of a second: a narrow way brings bytes bit by bit. */
  #tenthBytes(): number {
    const { bytesPerSecond } = this.#options;
    return bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : Math.ceil(bytesPerSecond / 10);
  }

  #count(bytes: number): void {
    this.#unreadBytes += bytes;
    if (this.isFull) return;
    this.#writer?.resolve();
    this.#writer = undefined;
  }

  #wait(timeoutMs: number): Promise<Item> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    // Only the end of a connection reads while a read waits, and that one has lost its sense.
    this.#reader?.reject(new ConnectionLost("closed here"));
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(timeoutMs, () => {
        this.#reader = undefined;
        reject(new Refusal("timeout", "Nothing came for too long."));
      });
      const settle =
        <Value>(go: (value: Value) => void) =>
        (value: Value): void => {
          timer.cancel();
          this.#reader = undefined;
          go(value);
        };
      this.#reader = { resolve: settle(resolve), reject: settle(reject) };
    });
  }

  #send(item: Item, bytes: number): void {
    if (this.#lost !== undefined) return;
    const { clock, latencyMs, bytesPerSecond } = this.#options;
    if (latencyMs === 0 && bytesPerSecond === 0) return this.#arrive(item);
    const nowMs = clock.monotonicMs();
    const sendMs = bytesPerSecond === 0 ? 0 : (bytes * 1000) / bytesPerSecond;
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + sendMs;
    this.#travelling.push({ item, dueMs: this.#freeAtMs + latencyMs });
    this.#setTimer();
  }

  #setTimer(): void {
    const next = this.#travelling.first;
    if (this.#isTimerSet || next === undefined) return;
    this.#isTimerSet = true;
    const { clock } = this.#options;
    clock.after(Math.max(0, next.dueMs - clock.monotonicMs()), () => {
      this.#isTimerSet = false;
      const nowMs = clock.monotonicMs();
      for (;;) {
        const first = this.#travelling.first;
        if (first === undefined || first.dueMs > nowMs) break;
        this.#travelling.shift();
        this.#arrive(first.item);
      }
      this.#setTimer();
    });
  }

  #arrive(item: Item): void {
    if (this.#reader === undefined) this.#arrived.push(item);
    else this.#reader.resolve(item);
  }
}

function pieceBytes(random: Random | undefined, at: number): number {
  if (random === undefined) return Number.POSITIVE_INFINITY;
  const bytesMax = at < smallPiecesUntilBytes ? smallPieceBytesMax : largePieceBytesMax;
  return 1 + Math.floor(random.fraction() * bytesMax);
}

/** Bytes of a text or of an array, as the Connection contract has them. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "latin1") : concat([data]);
}
