import type { Disk, DiskFile } from "./disk.ts";

interface FaultyFile {
  /** What was written. */
  bytes: Buffer;
  /** What a power cut would leave. */
  synced: Buffer;
}

/**
 * A disk in memory that fails when told: for tests. Bytes that were never synced are gone after
 * `losePower`, and so are files whose folder was not synced.
 */
export class FaultyDisk implements Disk {
  readonly #files = new Map<string, FaultyFile>();
  #syncedNames = new Set<string>();
  /** Bytes that can still be written; a write past it is short, as on a full disk. */
  roomBytes = Infinity;
  /** The next sync fails, and what it was to make durable counts as lost. */
  failsNextSync = false;
  failsNextTruncate = false;
  syncCount = 0;

  async open(name: string): Promise<DiskFile> {
    const file = this.#files.get(name) ?? { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.#files.set(name, file);
    return {
      get sizeBytes() {
        return file.bytes.length;
      },
      write: async (parts, position) => this.#write(file, Buffer.concat(parts), position),
      sync: async () => this.#sync(file),
      truncate: async (sizeBytes) => {
        if (this.failsNextTruncate) {
          this.failsNextTruncate = false;
          throw failure("EIO");
        }
        this.roomBytes += file.bytes.length - sizeBytes;
        file.bytes = file.bytes.subarray(0, sizeBytes);
      },
      read: async (position, length) =>
        Uint8Array.from(file.bytes.subarray(position, position + length)),
      close: async () => undefined,
    };
  }

  async list() {
    return Array.from(this.#files, ([name, file]) => ({ name, sizeBytes: file.bytes.length }));
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }

  async syncFolder(): Promise<void> {
    this.#syncedNames = new Set(this.#files.keys());
  }

  freeBytes(): number {
    return this.roomBytes;
  }

  /** Leaves only what was made durable. */
  losePower(): void {
    for (const [name, file] of this.#files) {
      if (this.#syncedNames.has(name)) file.bytes = Buffer.from(file.synced);
      else this.#files.delete(name);
    }
  }

  #write(file: FaultyFile, bytes: Buffer, position: number): number {
    const count = Math.min(bytes.length, this.roomBytes);
    this.roomBytes -= count;
    const before = Buffer.alloc(Math.max(file.bytes.length, position + count));
    file.bytes.copy(before);
    bytes.copy(before, position, 0, count);
    file.bytes = before;
    return count;
  }

  #sync(file: FaultyFile): void {
    this.syncCount++;
    if (this.failsNextSync) {
      this.failsNextSync = false;
      throw failure("EIO");
    }
    file.synced = Buffer.from(file.bytes);
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: played by the test`), { code });
}
