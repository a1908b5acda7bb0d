import type { TlsPolicy } from "./tls-policy.ts";

/** A fixed host for mail to a destination, instead of its exchanges. */
export interface Route {
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
  /** The courier's own policy when absent. */
  readonly tls?: TlsPolicy;
  /** TLS from the first byte (port 465, RFC 8314 §3.3). */
  readonly isImplicitTls?: boolean;
  /** For hosts that want a login. Given only over TLS, verified unless `tls` says otherwise. */
  readonly credentials?: Credentials;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Routes by destination (lower-case domain or bracketed literal); "*" is for all others. */
export type Routes = ReadonlyMap<string, Route>;

export function findRoute(routes: Routes, destination: string): Route | undefined {
  return routes.get(destination.toLowerCase()) ?? routes.get("*");
}
