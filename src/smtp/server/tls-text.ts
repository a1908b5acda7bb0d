import type { Connection } from "../../net/network.ts";

/** "TLSv1.3 with TLS_AES_128_GCM_SHA256", or "" for plain text. */
export function tlsText(connection: Connection): string {
  return connection.tls === undefined
    ? ""
    : `${connection.tls.version} with ${connection.tls.cipher}`;
}
