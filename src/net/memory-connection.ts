import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { ConnectionLost } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import type { Mark, MemoryPipe } from "./memory-pipe.ts";
import { bytesOf } from "./memory-pipe.ts";
import { MemoryTlsContext } from "./memory-tls.ts";
import type {
  Connection,
  Endpoint,
  TlsClientOptions,
  TlsFacts,
  TlsServerContext,
} from "./network.ts";

/** What one end of a memory connection is made of. */
export interface MemoryEnd {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly incoming: MemoryPipe;
  readonly outgoing: MemoryPipe;
  readonly clock: Clock;
  readonly random: Random;
  readonly writeStallMs: number;
  /** Breaks both directions. */
  readonly cut: (why: ConnectionLost) => void;
  /** Called when this end is closed in good order. */
  readonly closed: () => void;
}

/** How long `end` waits for the peer to end its side, milliseconds. */
const lingerMs = 2_000;

/** One end of a connection within the process. TLS is only a fact here, nothing is encrypted. */
export class MemoryConnection implements Connection {
  readonly #end: MemoryEnd;
  #local: Endpoint;
  #remote: Endpoint;
  #tls: TlsFacts | undefined;
  #isEnding = false;
  #lost: ConnectionLost | undefined;

  constructor(end: MemoryEnd) {
    this.#end = end;
    this.#local = end.local;
    this.#remote = end.remote;
  }

  get clock(): Clock {
    return this.#end.clock;
  }

  get local(): Endpoint {
    return this.#local;
  }

  get remote(): Endpoint {
    return this.#remote;
  }

  get tls(): TlsFacts | undefined {
    return this.#tls;
  }

  get unsentBytes(): number {
    return this.#end.outgoing.unreadBytes;
  }

  rename(remote: Endpoint, local: Endpoint): void {
    this.#remote = remote;
    this.#local = local;
  }

  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#end.incoming.unread(bytes);
  }

  async read(timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.#lost !== undefined) throw this.#lost;
    const item = await this.#end.incoming.take(timeoutMs);
    if (item === "end") return undefined;
    // A handshake where plain bytes are expected looks like the start of a TLS record.
    return item instanceof Uint8Array ? item : Uint8Array.of(0x16, 0x03, 0x01, 0x00);
  }

  write(data: Uint8Array | string): Promise<void> | undefined {
    const { outgoing, writeStallMs } = this.#end;
    const lost = this.#lost ?? outgoing.lost;
    if (lost !== undefined) return quietly(Promise.reject(lost));
    assert(!this.#isEnding, "a write after the end");
    outgoing.write(bytesOf(data));
    return outgoing.isFull ? quietly(outgoing.writable(writeStallMs)) : undefined;
  }

  async startTlsServer(context: TlsServerContext, timeoutMs: number): Promise<void> {
    assert(context.kind === "server", "a server's TLS context");
    const hello = await this.#handshakeMark("clientHello", timeoutMs);
    const memory = context instanceof MemoryTlsContext ? context : undefined;
    const exporter = this.#end.random.bytes(32);
    this.#end.outgoing.mark({
      kind: "serverHello",
      serverName: hello.serverName,
      exporter,
      isTrusted: memory?.isTrusted ?? true,
      ...(memory === undefined ? {} : { names: memory.names }),
    });
    this.#tls = { ...factsOf(hello.serverName, exporter), isPeerVerified: false };
  }

  async startTlsClient(options: TlsClientOptions, timeoutMs: number): Promise<void> {
    const serverName = options.serverName.toLowerCase();
    this.#end.incoming.dropBytes();
    this.#end.outgoing.mark({ kind: "clientHello", serverName });
    const hello = await this.#handshakeMark("serverHello", timeoutMs);
    const hasName = hello.names === undefined || hello.names.includes(serverName);
    const isPeerVerified = hello.isTrusted === true && hasName;
    if (options.mustVerify && !isPeerVerified) {
      this.#fail(new ConnectionLost("TLS: the certificate is not valid for the name"));
    }
    this.#tls = { ...factsOf(serverName, hello.exporter), isPeerVerified };
  }

  async end(): Promise<void> {
    if (this.#lost !== undefined || this.#isEnding) return;
    this.#isEnding = true;
    this.#end.outgoing.end();
    const { clock, incoming } = this.#end;
    const untilMs = clock.monotonicMs() + lingerMs;
    try {
      while (clock.monotonicMs() < untilMs) {
        if ((await incoming.take(untilMs - clock.monotonicMs())) === "end") break;
      }
    } catch {
      // The peer did not end in time or is gone: either way there is nobody to wait for.
    }
    this.#lost ??= new ConnectionLost("closed here");
    this.#end.closed();
  }

  destroy(): void {
    this.#end.cut(new ConnectionLost("connection closed"));
    this.#lost ??= new ConnectionLost("closed here");
  }

  async #handshakeMark(kind: Mark["kind"], timeoutMs: number): Promise<Mark> {
    assert(this.#tls === undefined, "TLS is there already");
    if (kind === "clientHello") this.#end.incoming.dropBytes();
    const item = await this.#end.incoming.take(timeoutMs);
    if (typeof item === "object" && "kind" in item && item.kind === kind) return item;
    return this.#fail(new ConnectionLost("TLS: the peer does not speak it"));
  }

  #fail(why: ConnectionLost): never {
    this.destroy();
    throw why;
  }
}

function factsOf(serverName: string, exporter: Uint8Array | undefined) {
  return {
    version: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    ...(serverName === "" ? {} : { serverName }),
    ...(exporter === undefined ? {} : { exporter }),
  };
}

/** Whoever does not wait for a write learns of a loss from the next read. */
function quietly(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
