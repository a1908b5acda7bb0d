import type { Directory } from "../accounts/directory.ts";
import type { Log } from "../base/log.ts";
import { autoconfig } from "../http/autoconfig.ts";
import { frontPage } from "../http/front-page.ts";
import type { MailService } from "../http/front-page.ts";
import { listenHttp } from "../http/http-server.ts";
import type { HttpRequest, HttpRoute, HttpRoutes, HttpServer } from "../http/http-server.ts";
import type { ListenerRow } from "./listener-table.ts";

export type Web = HttpServer;

/** Uses that the front page shows, in its order. */
const shownUses = ["imaps", "imap", "pop3s", "submissions", "submission"] as const;

/** Listens for the web with all its routes. */
export async function startWeb(options: {
  readonly address: string;
  readonly port: number;
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
  readonly log: Log;
  /** Listeners that are on, and what is added to their ports. */
  readonly rows: readonly ListenerRow[];
  readonly portOffset: number;
  readonly directory: Directory;
  /** The configured name of the server; empty shows the name that was asked for. */
  readonly hostName: string;
}): Promise<Web> {
  const { address, port, certificate, log, rows, portOffset, directory, hostName } = options;
  // "autoconfig.example.org" is asked for settings, and need not be where mail is.
  const named = (request: HttpRequest): HttpRequest =>
    hostName === "" ? request : { ...request, host: hostName.toLowerCase() };
  const services = shownUses.flatMap((use): MailService[] => {
    const row = rows.find(({ protocol }) => protocol === use);
    return row === undefined ? [] : [{ use, port: row.port + portOffset }];
  });
  const domains = async () => (await directory.domains()).map(({ name }) => name);
  const routes: HttpRoutes = new Map<string, HttpRoute>([
    [
      "/",
      async (request) => frontPage(named(request), services, (await domains())[0] ?? request.host),
    ],
    [
      "/mail/config-v1.1.xml",
      async (request) => autoconfig(named(request), services, await domains()),
    ],
    [
      "/.well-known/autoconfig/mail/config-v1.1.xml",
      async (request) => autoconfig(named(request), services, await domains()),
    ],
    ["/health", async () => ({ status: 200, type: "application/json", body: '{"status":"ok"}\n' })],
  ]);
  const secure = certificate === undefined ? {} : { certificate };
  return listenHttp({ address, port, log, routes, ...secure });
}
