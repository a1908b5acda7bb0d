import { statfsSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { InvariantError } from "../../base/assert.ts";
import type { Disk, DiskFile } from "./disk.ts";

/** The operating system's disk, in a folder that is made when missing. */
export async function openNodeDisk(folder: string): Promise<Disk> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    open: async (name) => {
      const target = path.join(folder, name);
      // Not "a": positions are chosen by the writer, and POSIX append would ignore them.
      const handle = await open(target, "r+").catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        return open(target, "wx+", 0o600);
      });
      return new NodeDiskFile(handle, (await handle.stat()).size);
    },
    list: async () => {
      const names = await readdir(folder);
      return Promise.all(
        names.map(async (name) => ({
          name,
          sizeBytes: (await stat(path.join(folder, name))).size,
        })),
      );
    },
    remove: (name) => unlink(path.join(folder, name)),
    syncFolder: async () => {
      const handle = await open(folder, "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    freeBytes: () => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
  };
}

/** A folder of the operating system's disk that is only read: nothing is made or changed in it. */
export function openReadOnlyDisk(folder: string): Disk {
  const refuse = () => Promise.reject(new InvariantError("the folder is only read"));
  return {
    open: async (name) => {
      const handle = await open(path.join(folder, name), "r");
      return new NodeDiskFile(handle, (await handle.stat()).size);
    },
    list: refuse,
    remove: refuse,
    syncFolder: refuse,
    freeBytes: () => 0,
  };
}

class NodeDiskFile implements DiskFile {
  readonly #handle: FileHandle;
  #sizeBytes: number;

  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle;
    this.#sizeBytes = sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<number> {
    // writev reports a full disk as a short count and no error: the count is what counts.
    const { bytesWritten } = await this.#handle.writev([...parts], position);
    this.#sizeBytes = Math.max(this.#sizeBytes, position + bytesWritten);
    return bytesWritten;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.#handle.truncate(sizeBytes);
    this.#sizeBytes = sizeBytes;
  }

  async read(position: number, lengthBytes: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(lengthBytes);
    let filled = 0;
    while (filled < lengthBytes) {
      const rest = lengthBytes - filled;
      const { bytesRead } = await this.#handle.read(buffer, filled, rest, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
