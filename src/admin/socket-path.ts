import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { tmpdir } from "node:os";

/** Longest path of a socket that every system allows, bytes (sun_path less its end). */
const pathBytesMax = 100;

/**
 * Where the admin socket of a data folder is. In the folder itself; where that path is too long
 * for a socket, a folder of the same user under the temporary one, named after the data folder.
 */
export function adminSocketPath(dataFolder: string): string {
  const folder = resolve(dataFolder);
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 20);
  if (process.platform === "win32") return `\\\\.\\pipe\\golub-${name}`;
  const direct = join(folder, "admin.sock");
  return Buffer.byteLength(direct) <= pathBytesMax
    ? direct
    : join(tmpdir(), `golub-${process.getuid?.() ?? 0}-${name}`, "admin.sock");
}
