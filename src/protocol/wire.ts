import { asBuffer, concat, latin1, CR, LF } from "../base/bytes.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { Connection } from "../net/network.ts";

/** Output is handed to the connection in pieces of about this size, bytes. */
const flushBytes = 32 * 1024;

export interface LineOptions {
  /** Longest line accepted, bytes with its CRLF. */
  readonly bytesMax: number;
  /** Longest silence between two arrivals of bytes. */
  readonly timeoutMs: number;
  /** Whether a bare LF ends a line too. SMTP commands and message data never allow it. */
  readonly allowBareLf: boolean;
}

/**
 * A connection as lines and counted bytes, with output gathered until there is no more input to
 * answer (so that pipelined commands get one packet of answers).
 */
export class Wire {
  readonly connection: Connection;
  #input: Uint8Array[] = [];
  #inputBytes = 0;
  #output: (Uint8Array | string)[] = [];
  #outputBytes = 0;

  constructor(connection: Connection) {
    this.connection = connection;
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
   * @throws Refusal `tooLong`, `timeout`; `syntax` for a bare LF where it is not allowed.
   */
  async readLine(options: LineOptions): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let lineBytes = 0;
    let isTooLong = false;
    for (;;) {
      const part = await this.#take(options.timeoutMs);
      if (part === undefined) return undefined;
      const at = part.indexOf(LF);
      const piece = at < 0 ? part : part.subarray(0, at + 1);
      if (at >= 0 && at + 1 < part.length) this.#giveBack(part.subarray(at + 1));
      lineBytes += piece.length;
      isTooLong ||= lineBytes > options.bytesMax;
      if (isTooLong) parts.length = 0;
      else parts.push(piece);
      if (at < 0) continue;
      if (isTooLong) throw new Refusal("tooLong", "Line too long.");
      return endLine(concat(parts), options.allowBareLf);
    }
  }

  /** Bytes as they come, at most `bytesMax`; undefined when the peer has ended its side. */
  async readSome(bytesMax: number, timeoutMs: number): Promise<Uint8Array | undefined> {
    const part = await this.#take(timeoutMs);
    if (part === undefined || part.length <= bytesMax) return part;
    this.#giveBack(part.subarray(bytesMax));
    return part.subarray(0, bytesMax);
  }

  /** Exactly `count` bytes. @throws ConnectionLost when the peer ends before. */
  async readExactly(count: number, timeoutMs: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = count; missing > 0;) {
      const part = await this.readSome(missing, timeoutMs);
      if (part === undefined) throw new ConnectionLost("ended inside counted bytes");
      parts.push(part);
      missing -= part.length;
    }
    return concat(parts);
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

function endLine(line: Uint8Array, allowBareLf: boolean): Uint8Array {
  const hasCr = line.length >= 2 && line[line.length - 2] === CR;
  if (!hasCr && !allowBareLf) throw new Refusal("syntax", "Line must end with CRLF, not LF.");
  return line.subarray(0, line.length - (hasCr ? 2 : 1));
}

/** A line as text for a grammar that works on characters: one per byte. */
export function lineText(line: Uint8Array): string {
  return latin1(asBuffer(line));
}
