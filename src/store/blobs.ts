import type { BlobHash } from "../base/ids.ts";

/**
 * A body that is safe to refer to in a batch. A small one rides along as `inline` and becomes
 * durable with the commit; a large one has been made durable before this value exists.
 */
export interface StagedBlob {
  readonly hash: BlobHash;
  readonly sizeBytes: number;
  readonly inline?: Uint8Array;
}

/** Content-addressed bodies (SHA-256). Bodies never change and are shared by all accounts. */
export interface BlobStore {
  /**
   * Stages the body that `parts` make in order.
   * @throws Refusal `diskFull` or `unavailable`: nothing was kept.
   */
  put(parts: readonly Uint8Array[]): Promise<StagedBlob>;
  /**
   * Bytes from `start` (0 by default) to `end` (exclusive, the end of the body by default).
   * @throws Refusal `unavailable` when the body cannot be read, InvariantError when none is known.
   */
  read(hash: BlobHash, start?: number, end?: number): Promise<Uint8Array>;
  /** The same range in pieces of at most 256 KiB, so that a large body is never held whole. */
  stream(hash: BlobHash, start?: number, end?: number): AsyncIterable<Uint8Array>;
}
