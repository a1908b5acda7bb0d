import type { TlsPolicy } from "./tls-policy.ts";

/** A fixed host for mail, instead of the exchanges of its destination. */
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
  /** Only for whom the exchanges could not be reached or refused by policy (RFC 3463 X.7.Y). */
  readonly isFallback?: boolean;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Routes by name, in lower case. */
export type Routes = ReadonlyMap<string, Route>;

/** All routes. The first that fits counts: recipient's domain, sender's, provider, "*". */
export interface RouteBook {
  /** By destination (domain or bracketed literal); "*" is for all others. */
  readonly routes?: Routes | undefined;
  /** By the sender's domain. */
  readonly senderRoutes?: Routes | undefined;
  /** By the end of the best exchange's name: "outlook.com" fits "a.mail.outlook.com". */
  readonly providerRoutes?: Routes | undefined;
}

const none: Routes = new Map();

/**
 * The route that can be told without asking for exchanges; also "*" where no provider has one.
 * @returns undefined when there is none, or when it depends on the exchanges.
 */
export function findRoute(
  { routes = none, senderRoutes = none, providerRoutes = none }: RouteBook,
  destination: string,
  sender: string,
): Route | undefined {
  const senderDomain = sender.slice(sender.lastIndexOf("@") + 1).toLowerCase();
  const own = routes.get(destination.toLowerCase()) ?? senderRoutes.get(senderDomain);
  return own ?? (providerRoutes.size === 0 ? routes.get("*") : undefined);
}

/** The route for a destination whose best exchange is known, or known not to exist. */
export function findRouteBehind(
  { routes = none, providerRoutes = none }: RouteBook,
  exchange: string | undefined,
): Route | undefined {
  const labels = exchange?.toLowerCase().split(".") ?? [];
  for (let at = 0; at < labels.length; at++) {
    const route = providerRoutes.get(labels.slice(at).join("."));
    if (route !== undefined) return route;
  }
  return routes.get("*");
}
