import { asBuffer, concat, latin1, CR, LF } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { Connection } from "../net/network.ts";
import { GrowingBytes } from "./growing-bytes.ts";

/** Output is handed to the connection in pieces of about this size, bytes. */
const flushBytes = 32 * 1024;
/** A line that is too long is swallowed to its end, but not further than this, bytes. */
const swallowBytesMax = 1024 * 1024;
/** Counted bytes must come at least so fast on the whole, bytes per second. */
const countedBytesPerSecondMin = 256;

export interface LineOptions {
  /** Longest line accepted, bytes with its CRLF. */
  readonly bytesMax: number;
  /**
   * Longest wait for the first byte, and again from there to the end of the line: whoever sends a
   * byte a minute does not hold the session for ever.
   */
  readonly timeoutMs: number;
  /** Whether a bare LF ends a line too. SMTP commands and message data never allow it. */
  readonly allowBareLf: boolean;
}

/**
 * A connection as lines and counted bytes, with output gathered until there is no more input to
 * answer (so that pipelined commands get one packet of answers).
 */
export class Wire {
  #connection: Connection;
  #input: Uint8Array[] = [];
  #inputBytes = 0;
  #output: (Uint8Array | string)[] = [];
  #outputBytes = 0;
  #interruption: Refusal | undefined;
  #onInterrupt: ((refusal: Refusal) => void) | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /**
   * Puts a layer (compression) around the connection: what is written and read from now on goes
   * through it. Flush first; bytes that have arrived already stay as they are.
   */
  layer(wrap: (connection: Connection) => Connection): void {
    this.#connection = wrap(this.#connection);
  }

  /** Bytes that have arrived and not been taken. */
  get bufferedBytes(): number {
    return this.#inputBytes;
  }

  /** Whether a whole line has arrived and not been taken. */
  get hasLine(): boolean {
    return this.#input.some((part) => part.includes(LF));
  }

  /**
   * The next line without its end. A line that is too long is swallowed to its end, so that the
   * next command is found, and refused.
   * @returns undefined when the peer has ended its side (a half line is dropped).
   * @throws Refusal `tooLong`, `timeout`; `syntax` for a bare LF where it is not allowed;
   *   ConnectionLost when no end is found at all; what `interrupt` was given.
   */
  async readLine(options: LineOptions): Promise<Uint8Array | undefined> {
    const first = await this.#takeInterruptibly(options.timeoutMs);
    if (first === undefined) return undefined;
    const at = first.indexOf(LF);
    if (at < 0) return this.#readLongLine(first, options);
    if (at + 1 < first.length) this.#giveBack(first.subarray(at + 1));
    if (at + 1 > options.bytesMax) throw tooLong();
    return endLine(first.subarray(0, at + 1), options.allowBareLf);
  }

  /** A line that did not come in one piece. */
  async #readLongLine(first: Uint8Array, options: LineOptions): Promise<Uint8Array | undefined> {
    const dueMs = this.#clock.monotonicMs() + options.timeoutMs;
    const line = new GrowingBytes(options.bytesMax);
    line.add(first);
    for (;;) {
      const part = await this.#take(this.#timeLeft(dueMs));
      if (part === undefined) return undefined;
      const at = part.indexOf(LF);
      line.add(at < 0 ? part : part.subarray(0, at + 1));
      if (line.seenBytes > Math.max(swallowBytesMax, options.bytesMax)) {
        throw new ConnectionLost("line without end");
      }
      if (at < 0) continue;
      if (at + 1 < part.length) this.#giveBack(part.subarray(at + 1));
      if (line.isOverflown) throw tooLong();
      return endLine(line.take(), options.allowBareLf);
    }
  }

  /** Bytes as they come, at most `bytesMax`; undefined when the peer has ended its side. */
  async readSome(bytesMax: number, timeoutMs: number): Promise<Uint8Array | undefined> {
    const part = await this.#take(timeoutMs);
    if (part === undefined || part.length <= bytesMax) return part;
    this.#giveBack(part.subarray(bytesMax));
    return part.subarray(0, bytesMax);
  }

  /**
   * Exactly `count` bytes. `timeoutMs` is the longest silence; the whole may take as long again
   * and what `countedBytesPerSecondMin` allows.
   * @throws Refusal `timeout`, ConnectionLost when the peer ends before.
   */
  async readExactly(count: number, timeoutMs: number): Promise<Uint8Array> {
    const allowedMs = timeoutMs + (count * 1000) / countedBytesPerSecondMin;
    const dueMs = this.#clock.monotonicMs() + allowedMs;
    const bytes = new GrowingBytes(count);
    while (bytes.seenBytes < count) {
      const waitMs = Math.min(timeoutMs, this.#timeLeft(dueMs));
      const part = await this.readSome(count - bytes.seenBytes, waitMs);
      if (part === undefined) throw new ConnectionLost("ended inside counted bytes");
      if (part.length === count) return part;
      bytes.add(part);
    }
    return bytes.take();
  }

  /**
   * Has a session that waits for a line, now or the next time, get `refusal` instead. One that is
   * in the midst of a message is left to finish it.
   */
  interrupt(refusal: Refusal): void {
    this.#interruption = refusal;
    this.#onInterrupt?.(refusal);
  }

  /** Puts bytes back in front of the input: those read past the end of what was wanted. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#giveBack(bytes);
  }

  /** Throws away what has arrived, and says how much: plain text sent before TLS (RFC 3207 §4.2). */
  dropInput(): number {
    const dropped = this.#inputBytes;
    this.#input = [];
    this.#inputBytes = 0;
    return dropped;
  }

  /** Adds to the output. Wait for the result when there is one: the peer is slower than we. */
  write(data: Uint8Array | string): Promise<void> | undefined {
    this.#output.push(data);
    this.#outputBytes += data.length;
    return this.#outputBytes >= flushBytes ? this.#send() : undefined;
  }

  /** Hands all gathered output to the connection. */
  async flush(): Promise<void> {
    await this.#send();
  }

  #send(): Promise<void> | undefined {
    if (this.#output.length === 0) return undefined;
    const parts = this.#output;
    this.#output = [];
    this.#outputBytes = 0;
    if (parts.every((part) => typeof part === "string")) {
      return this.connection.write(parts.join(""));
    }
    const bytes = parts.map((part) =>
      typeof part === "string" ? Buffer.from(part, "latin1") : part,
    );
    return this.connection.write(concat(bytes));
  }

  get #clock(): Clock {
    return this.connection.clock;
  }

  /** @throws Refusal `timeout` when there is none. */
  #timeLeft(dueMs: number): number {
    const leftMs = dueMs - this.#clock.monotonicMs();
    if (leftMs > 0) return leftMs;
    throw new Refusal("timeout", "That took too long.");
  }

  /** Bytes of the next line; while it waits for the first of them, `interrupt` ends it. */
  async #takeInterruptibly(timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.#inputBytes > 0) return this.#take(timeoutMs);
    if (this.#interruption !== undefined) throw this.#interruption;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
    this.#onInterrupt = reject;
    this.#take(timeoutMs).then(resolve, reject);
    try {
      return await promise;
    } finally {
      this.#onInterrupt = undefined;
    }
  }

  async #take(timeoutMs: number): Promise<Uint8Array | undefined> {
    const waiting = this.#input.shift();
    if (waiting !== undefined) {
      this.#inputBytes -= waiting.length;
      return waiting;
    }
    if (this.#output.length > 0) await this.#send();
    return this.connection.read(timeoutMs);
  }

  #giveBack(bytes: Uint8Array): void {
    this.#input.unshift(bytes);
    this.#inputBytes += bytes.length;
  }
}

function tooLong(): Refusal {
  return new Refusal("tooLong", "Line too long.");
}

function endLine(line: Uint8Array, allowBareLf: boolean): Uint8Array {
  const hasCr = line.length >= 2 && line[line.length - 2] === CR;
  if (!hasCr && !allowBareLf) throw new Refusal("syntax", "Line must end with CRLF, not LF.");
  return line.subarray(0, line.length - (hasCr ? 2 : 1));
}

/** A line as text for a grammar that works on characters: one per byte. */
export function lineText(line: Uint8Array): string {
  return latin1(asBuffer(line));
}
