import { request } from "node:http";

import { findReason, Refusal } from "../base/faults.ts";

/**
 * Calls an operation of a running server.
 * @returns its result, or "notRunning" when no server listens at the path.
 * @throws Refusal as the operation does.
 */
export async function callAdmin(
  path: string,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<
  { readonly kind: "result"; readonly result: unknown } | { readonly kind: "notRunning" }
> {
  const body = await new Promise<string | undefined>((resolve, reject) => {
    const call = request({ socketPath: path, path: `/${name}`, method: "POST" }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
      response.on("error", reject);
    });
    call.on("error", (error) => {
      const code = "code" in error ? error.code : undefined;
      if (code === "ENOENT" || code === "ECONNREFUSED") resolve(undefined);
      else if (code === "EACCES") reject(noRights(path));
      else reject(error);
    });
    call.end(JSON.stringify(args));
  });
  if (body === undefined) return { kind: "notRunning" };
  const answer: unknown = JSON.parse(body);
  if (typeof answer !== "object" || answer === null || !("kind" in answer)) {
    throw new Refusal("unavailable", "The server gave an answer that cannot be understood.");
  }
  if (answer.kind === "done" && "result" in answer)
    return { kind: "result", result: answer.result };
  const text = "text" in answer && typeof answer.text === "string" ? answer.text : "refused";
  const reason = "reason" in answer ? findReason(answer.reason) : undefined;
  throw new Refusal(reason ?? "unavailable", text);
}

function noRights(path: string): Refusal {
  const text = `The server's socket ${path} is another user's: be the user that runs the server.`;
  return new Refusal("notPermitted", text);
}
