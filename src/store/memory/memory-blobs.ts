import { hash } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { concat } from "../../base/bytes.ts";
import { type BlobHash, blobHash } from "../../base/ids.ts";
import type { BlobStore } from "../blobs.ts";
import { streamBytesMax } from "../rules/blob-limits.ts";
import type { MemoryDisk } from "./memory-disk.ts";

export interface MemoryBlobOptions {
  readonly disk: MemoryDisk;
  readonly nowMs: () => number;
  /** Larger bodies are kept before their batch, as in the engines that write them to files. */
  readonly inlineBytesMax: number;
}

export function createMemoryBlobs({ disk, nowMs, inlineBytesMax }: MemoryBlobOptions): BlobStore {
  const getBytes = (name: BlobHash): Uint8Array => {
    const blob = disk.blobs.get(name);
    assert(blob !== undefined, `no body is known as ${name}`);
    return blob.bytes;
  };
  return {
    put: async (parts) => {
      // A copy: the caller may use its buffers again.
      const bytes = Uint8Array.from(concat(parts));
      const name = blobHash(hash("sha256", bytes, "hex"));
      const sizeBytes = bytes.length;
      if (sizeBytes <= inlineBytesMax) return { hash: name, sizeBytes, inline: bytes };
      const known = disk.blobs.get(name);
      if (known === undefined) {
        disk.blobs.set(name, { bytes, refCount: 0, freeSinceMs: nowMs() });
      } else if (known.refCount === 0) {
        known.freeSinceMs = nowMs();
      }
      return { hash: name, sizeBytes };
    },
    read: async (name, start = 0, end = Infinity) => getBytes(name).slice(start, end),
    stream: async function* (name, start = 0, end = Infinity) {
      const bytes = getBytes(name);
      const last = Math.min(end, bytes.length);
      for (let at = start; at < last; at += streamBytesMax) {
        yield bytes.slice(at, Math.min(at + streamBytesMax, last));
      }
    },
  };
}
