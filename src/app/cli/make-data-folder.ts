import { accessSync, constants, mkdirSync } from "node:fs";

import { Refusal } from "../../base/faults.ts";

/** Makes the data folder, for its owner only. @throws Refusal that says why it cannot be one. */
export function makeDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const why =
      code === "EEXIST" || code === "ENOTDIR"
        ? "it, or a part of its path, is a file. Choose another folder"
        : code === "EACCES" || code === "EPERM"
          ? "you have no rights there. Be the user that it belongs to, or choose another folder"
          : String(error);
    throw new Refusal("unavailable", `The data folder ${path} cannot be used: ${why}.`);
  }
}
