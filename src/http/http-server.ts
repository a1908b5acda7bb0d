import { createServer as createPlainServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";

import { asRefusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Endpoint } from "../net/network.ts";

/** A request as routes see it. */
export interface HttpRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of the Host header, without port, lower case; "localhost" when missing or malformed. */
  readonly host: string;
  readonly acceptLanguage: string;
  readonly isSecure: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type HttpRoute = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

/** Routes by exact path. */
export type HttpRoutes = ReadonlyMap<string, HttpRoute>;

export interface HttpServer {
  readonly local: Endpoint;
  /** New handshakes use the new certificate; open connections go on. */
  setCertificate(certificate: string, key: string): void;
  close(): Promise<void>;
}

const notFound: HttpAnswer = { status: 404, type: "text/plain", body: "There is no such page.\n" };
const notAllowed: HttpAnswer = {
  status: 405,
  type: "text/plain",
  body: "Only GET and HEAD are possible here.\n",
  headers: { allow: "GET, HEAD" },
};

/** Listens for HTTP, or HTTPS when a certificate is given (RFC 9110, 9112). */
export async function listenHttp(options: {
  readonly address: string;
  readonly port: number;
  readonly certificate?: { readonly certificate: string; readonly key: string };
  readonly routes: HttpRoutes;
  readonly log: Log;
}): Promise<HttpServer> {
  const { certificate, log } = options;
  const listener: RequestListener = (request, response) => {
    answer(request, response, options.routes, certificate !== undefined).catch((error: unknown) => {
      log.write("error", "http.bug", { detail: asRefusal(error).detail });
      response.destroy();
    });
  };
  const limits = {
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    // Node looks for what is overdue every 30 s only, which would make 40 s of the 10.
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: 16_384,
  };
  const tls = certificate && {
    ...{ cert: certificate.certificate, key: certificate.key },
    handshakeTimeout: 10_000,
  };
  const secure = tls && createTlsServer({ ...limits, ...tls }, listener);
  const server = secure ?? createPlainServer(limits, listener);
  server.maxConnections = 1_000;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.address, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  // Out of file descriptors, for one: without a listener it would end the process.
  server.on("error", (error) => {
    log.write("error", "http.acceptFailed", { detail: error.message });
  });
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : options.port;
  return {
    local: { address: options.address, port },
    setCertificate: (cert, key) => secure?.setSecureContext({ cert, key }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Not closeAllConnections: that leaves out whoever has not finished its handshake.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: HttpRoutes,
  isSecure: boolean,
): Promise<void> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const result = isRead ? await route(request, routes, isSecure) : notAllowed;
  const body = Buffer.from(result.body);
  response.writeHead(result.status, {
    "content-type": `${result.type}; charset=utf-8`,
    "content-length": body.length,
    "cache-control": "no-store",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    ...(isRead ? {} : { connection: "close" }),
    ...result.headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function route(
  request: IncomingMessage,
  routes: HttpRoutes,
  isSecure: boolean,
): Promise<HttpAnswer> {
  const host = /^([a-z0-9.-]{1,253})(?::\d+)?$/i.exec(request.headers.host ?? "")?.[1];
  const url = URL.parse(request.url ?? "/", "http://localhost");
  const run = url === null ? undefined : routes.get(url.pathname);
  if (url === null || run === undefined) return notFound;
  return run({
    path: url.pathname,
    query: url.searchParams,
    host: (host ?? "localhost").toLowerCase(),
    acceptLanguage: request.headers["accept-language"] ?? "",
    isSecure,
  });
}
