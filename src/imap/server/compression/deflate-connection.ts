import { constants, deflateRawSync } from "node:zlib";
import { asBuffer } from "../../../base/bytes.ts";
import type { Clock } from "../../../base/clock.ts";
import { ConnectionLost } from "../../../base/faults.ts";
import type { Connection, Endpoint, TlsFacts } from "../../../net/network.ts";
import { Inflater } from "./inflater.ts";

/** What was sent last and later output may refer to, bytes: all that is held between writes. */
const historyBytes = 16 * 1024;
/** Fast, and nearly as small as can be for what IMAP says. */
const level = 3;

/** Bytes that a compressed connection holds besides a plain one, about. */
export const compressionBytes = 64 * 1024;

/**
 * A connection whose two directions are compressed with DEFLATE (RFC 4978 §3, RFC 1951). Each write
 * is compressed at once, with what was sent before it as the dictionary, and ends on a byte: no
 * compressor is kept while the session is idle.
 */
export class DeflateConnection implements Connection {
  readonly #inner: Connection;
  readonly #inflater = new Inflater();
  #history: Buffer = Buffer.alloc(0);

  constructor(inner: Connection) {
    this.#inner = inner;
  }

  get clock(): Clock {
    return this.#inner.clock;
  }

  get local(): Endpoint {
    return this.#inner.local;
  }

  get remote(): Endpoint {
    return this.#inner.remote;
  }

  get tls(): TlsFacts | undefined {
    return this.#inner.tls;
  }

  get unsentBytes(): number {
    return this.#inner.unsentBytes;
  }

  async read(timeoutMs: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#inflater.next();
      if (piece !== undefined) return piece;
      const bytes = await this.#inner.read(timeoutMs);
      if (bytes === undefined) return undefined;
      this.#inflater.feed(bytes);
    }
  }

  write(data: Uint8Array | string): Promise<void> | undefined {
    const plain = typeof data === "string" ? Buffer.from(data, "latin1") : asBuffer(data);
    if (plain.length === 0) return undefined;
    const packed = deflateRawSync(plain, {
      level,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#history.length === 0 ? {} : { dictionary: this.#history }),
    });
    const kept = Buffer.concat([this.#history, plain.subarray(-historyBytes)]);
    // A copy, so that the large piece that it is cut from can go.
    this.#history = Buffer.from(kept.subarray(-historyBytes));
    return this.#inner.write(packed);
  }

  startTlsServer(): Promise<void> {
    return Promise.reject(new ConnectionLost("TLS comes before compression"));
  }

  startTlsClient(): Promise<void> {
    return Promise.reject(new ConnectionLost("TLS comes before compression"));
  }

  end(): Promise<void> {
    return this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }
}
