import { concat } from "../base/bytes.ts";
import { ConnectionLost } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Connection, Endpoint } from "./network.ts";
import { parseProxyHeader } from "./proxy-header.ts";

/** How long a trusted proxy may take to send its whole header, milliseconds. */
const headerTimeoutMs = 10_000;

/** A connection whose ends can be renamed and whose input can be given back. */
export interface ProxiedConnection extends Connection {
  rename(remote: Endpoint, local: Endpoint): void;
  unread(bytes: Uint8Array): void;
}

/**
 * Reads the PROXY header that a trusted proxy sends first, then lets the connection in under the
 * address that it names. Without a good header nobody knows who speaks: the connection is cut.
 */
export async function admitProxied(
  connection: ProxiedConnection,
  admit: (connection: Connection) => void,
  log: Log,
): Promise<void> {
  const proxy = connection.remote.address;
  try {
    const parts: Uint8Array[] = [];
    const { clock } = connection;
    const dueMs = clock.monotonicMs() + headerTimeoutMs;
    for (;;) {
      const leftMs = dueMs - clock.monotonicMs();
      if (leftMs <= 0) throw new ConnectionLost("took too long over the PROXY header");
      const part = await connection.read(leftMs);
      if (part === undefined) throw new ConnectionLost("ended inside the PROXY header");
      parts.push(part);
      const bytes = concat(parts);
      const answer = parseProxyHeader(bytes);
      if (answer.kind === "needsMore") continue;
      if (answer.kind === "invalid") throw new ConnectionLost(answer.why);
      connection.unread(bytes.subarray(answer.headerBytes));
      if (answer.kind === "proxied") connection.rename(answer.remote, answer.local);
      break;
    }
  } catch (error) {
    connection.destroy();
    const why = error instanceof Error ? error.message : String(error);
    log.write("warn", "net.proxyHeaderBad", { proxy, why });
    return;
  }
  admit(connection);
}
