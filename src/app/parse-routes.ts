import { Refusal } from "../base/faults.ts";
import type { SmtpCourierOptions } from "../smtp/smtp-courier.ts";

type Routes = NonNullable<SmtpCourierOptions["routes"]>;
type Route = Routes extends ReadonlyMap<string, infer Each> ? Each : never;

/**
 * Routes from configuration: domain to "HOST:PORT", "[IPV6]:PORT", or "*" for all others.
 * @throws Refusal `syntax` naming the route that cannot be read.
 */
export function parseRoutes(texts: Readonly<Record<string, string>>): Routes {
  return new Map(
    Object.entries(texts).map(([domain, text]): [string, Route] => {
      const match = /^(?:\[([0-9a-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text);
      const host = match?.[1] ?? match?.[2];
      const port = Number(match?.[3]);
      if (host === undefined || port < 1 || port > 65_535) {
        throw new Refusal(
          "syntax",
          `queue.routes: ${domain} goes to ${text}; it must be HOST:PORT.`,
        );
      }
      return [domain.toLowerCase(), { host, port }];
    }),
  );
}
