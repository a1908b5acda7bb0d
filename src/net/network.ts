import type { Clock } from "../base/clock.ts";
import type { Networks } from "./networks.ts";

/** Where a connection comes from or goes to. */
export interface Endpoint {
  /** IPv4 or IPv6 address in text form, IPv4-mapped addresses as IPv4. */
  readonly address: string;
  readonly port: number;
}

/** What is known of a connection's TLS. */
export interface TlsFacts {
  /** "TLSv1.3" or "TLSv1.2". */
  readonly version: string;
  readonly cipher: string;
  /** Name that the client asked for (SNI), lower case. */
  readonly serverName?: string;
  /** RFC 9266 tls-exporter value, 32 bytes, for SASL channel binding; TLS 1.3 only. */
  readonly exporter?: Uint8Array;
  /** Client side: whether the certificate was valid for the name asked. */
  readonly isPeerVerified: boolean;
}

/** Certificates of our side; replaced as a whole when files change, new handshakes use the new. */
export interface TlsServerContext {
  readonly kind: "server";
}

export interface TlsClientOptions {
  readonly serverName: string;
  /** False goes on with any certificate (opportunistic TLS, RFC 7435). */
  readonly mustVerify: boolean;
  /** Certificates to trust besides the system's, PEM. */
  readonly extraCa?: string;
}

/**
 * A byte stream in both directions, pulled: nothing arrives unless asked for, so that a peer who
 * sends without end costs one buffer. Errors of the stream are ConnectionLost.
 */
export interface Connection {
  /** By which its timeouts run. */
  readonly clock: Clock;
  readonly local: Endpoint;
  /** The peer; after a PROXY header the one it names. */
  readonly remote: Endpoint;
  readonly tls: TlsFacts | undefined;
  /**
   * The next bytes, at least one; undefined when the peer has ended its side.
   * @throws Refusal `timeout` after `timeoutMs` without any, ConnectionLost when it broke.
   */
  read(timeoutMs: number): Promise<Uint8Array | undefined>;
  /**
   * Sends bytes (text is one byte per character). Returns undefined while the peer keeps up, else
   * a promise that resolves when it has caught up; rejects with ConnectionLost when it never
   * does within the connection's write limit.
   */
  write(data: Uint8Array | string): Promise<void> | undefined;
  /** Bytes accepted for sending and not yet taken by the system. */
  readonly unsentBytes: number;
  /** Server side of STARTTLS or implicit TLS. Bytes read before are not part of it. */
  startTlsServer(context: TlsServerContext, timeoutMs: number): Promise<void>;
  startTlsClient(options: TlsClientOptions, timeoutMs: number): Promise<void>;
  /** Sends what is left, then ends our side and waits a little for the peer's. */
  end(): Promise<void>;
  /** Breaks it off now. */
  destroy(): void;
}

export interface ListenOptions {
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  /**
   * Peers that must send a PROXY header (v1 or v2) first; `accept` is called after it, and
   * `remote` is whom it names. Those who send none or a wrong one are cut off.
   */
  readonly proxyFrom?: Networks;
}

export interface Listener {
  readonly local: Endpoint;
  /** Stops accepting; connections already open go on. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly address: string;
  readonly port: number;
  /** Own address to use, for hosts with several. */
  readonly localAddress?: string;
  readonly timeoutMs: number;
}

/** Sockets as a port: the real ones, or the simulator's. */
export interface Network {
  listen(options: ListenOptions, accept: (connection: Connection) => void): Promise<Listener>;
  /** @throws ConnectionLost with the reason in words, Refusal `timeout`. */
  connect(options: ConnectOptions): Promise<Connection>;
}
