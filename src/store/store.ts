import type { Applied, Batch } from "./batch.ts";
import type { BlobStore } from "./blobs.ts";
import type { DirectoryReader } from "./directory.ts";
import type { ChangeFeed } from "./feed.ts";
import type { JourneyReader } from "./journeys.ts";
import type { KeyedStore } from "./keyed.ts";
import type { MailReader } from "./mail.ts";
import type { QueueStore } from "./queue.ts";

/**
 * Everything the server keeps, behind ports that fit an embedded database as well as a database
 * server with object storage: writes are batches of plain data, reads are methods, and nothing is
 * held open between calls.
 */
export interface Store {
  /**
   * Applies a batch whole or not at all, and resolves once it is durable. Batches that arrive
   * while a commit is under way share the next one; a bad one never fails its neighbours.
   * @throws Refusal with the reason of the first change that cannot be made; `diskFull` or
   *   `unavailable` when the store cannot keep anything now. Nothing was changed then.
   */
  apply(batch: Batch): Promise<Applied>;
  readonly mail: MailReader;
  readonly directory: DirectoryReader;
  readonly queue: QueueStore;
  readonly journeys: JourneyReader;
  readonly keyed: KeyedStore;
  readonly blobs: BlobStore;
  readonly feed: ChangeFeed;
  /** Finishes what was begun and lets go of files. */
  close(): Promise<void>;
}
