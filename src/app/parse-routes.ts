import { readFileSync } from "node:fs";

import { Refusal } from "../base/faults.ts";
import type { SmtpCourierOptions } from "../smtp/smtp-courier.ts";
import { splitHostPort } from "./config/route-setting.ts";
import type { RouteSettings, RouteTable } from "./config/route-setting.ts";

type Routes = NonNullable<SmtpCourierOptions["routes"]>;
type Route = Routes extends ReadonlyMap<string, infer Each> ? Each : never;

/**
 * Routes from configuration, passwords read from their files.
 * @throws Refusal `syntax` naming the route that cannot be read.
 */
export function parseRoutes(key: string, settings: RouteSettings): Routes {
  return new Map(
    Object.entries(settings).map(([name, value]): [string, Route] => {
      const route =
        typeof value === "string" ? splitHostPort(value) : routeOf(`${key}: ${name}`, value);
      if (route === undefined) {
        throw new Refusal("syntax", `${key}: ${name} must be HOST:PORT.`);
      }
      return [name.toLowerCase(), route];
    }),
  );
}

function routeOf(name: string, table: RouteTable): Route {
  const { host, port, tls, user, fallback } = table;
  return {
    host,
    port,
    ...(tls === undefined ? {} : { tls }),
    // RFC 8314 §3.3: the port whose connections begin with TLS.
    ...(port === 465 ? { isImplicitTls: true } : {}),
    ...(user === undefined ? {} : { credentials: { user, password: passwordOf(name, table) } }),
    ...(fallback === true ? { isFallback: true } : {}),
  };
}

/** A password file holds the password, and perhaps a line end. */
function passwordOf(name: string, { password, passwordFile = "" }: RouteTable): string {
  if (password !== undefined) return password;
  try {
    return readFileSync(passwordFile, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("syntax", `${name}: the password file cannot be read: ${why}.`);
  }
}
