import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

import { asRefusal, Refusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Operations } from "./operations.ts";

/** Longest request body, bytes. */
const requestBytesMax = 1024 * 1024;

/** One answer on the socket. */
export type AdminAnswer =
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "refused"; readonly reason: string; readonly text: string };

/**
 * Serves operations on a socket that only the owner of the data folder can open: POST /NAME with
 * the arguments as a JSON object.
 */
export async function serveAdmin(
  path: string,
  operations: Operations,
  log: Log,
): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request, operations)
      .then((body) => send(response, body))
      .catch((error: unknown) => {
        log.write("error", "admin.bug", { detail: asRefusal(error).detail });
        response.destroy();
      });
  });
  if (process.platform !== "win32") {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (dirname(folder) === tmpdir()) refuseForeign(folder);
    rmSync(path, { force: true });
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Made without rights for others from the start, not only after a moment.
    const mask = process.umask(0o177);
    server.listen(path, () => {
      server.removeListener("error", reject);
      resolve();
    });
    process.umask(mask);
  });
  // Out of file descriptors, for one: without a listener it would end the process.
  server.on("error", (error) => {
    log.write("error", "admin.acceptFailed", { detail: error.message });
  });
  if (process.platform !== "win32") chmodSync(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * The folder of a socket under the temporary one may have been made by somebody else, who could put
 * a socket of theirs in its place and be told passwords.
 */
function refuseForeign(folder: string): void {
  const { uid, mode } = lstatSync(folder);
  const isOurs = uid === process.getuid?.() && (mode & 0o022) === 0;
  if (isOurs) return;
  throw new Refusal(
    "notPermitted",
    `The folder ${folder} of the administration socket must be ours, and no other user may write there.`,
  );
}

async function answer(request: IncomingMessage, operations: Operations): Promise<AdminAnswer> {
  try {
    if (request.method !== "POST") throw new Refusal("unsupported", "Only POST is possible here.");
    const name = (request.url ?? "/").slice(1);
    const args: unknown = JSON.parse(await readBody(request));
    return { kind: "done", result: await operations.call(name, args) };
  } catch (error) {
    const refusal =
      error instanceof SyntaxError
        ? new Refusal("syntax", "The request is not JSON.")
        : asRefusal(error);
    const isBug = refusal.reason === "bug";
    const text = isBug ? `Internal error: ${refusal.detail ?? ""}` : refusal.text;
    return { kind: "refused", reason: refusal.reason, text };
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  let bodyBytes = 0;
  for await (const part of request) {
    const bytes: Uint8Array = part;
    bodyBytes += bytes.length;
    if (bodyBytes > requestBytesMax) throw new Refusal("tooLong", "The request is too long.");
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

function send(response: ServerResponse, body: AdminAnswer): void {
  response.writeHead(body.kind === "done" ? 200 : 422, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
