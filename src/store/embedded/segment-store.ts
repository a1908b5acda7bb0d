import { assert } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";
import type { BlobHash } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { SegmentReaders } from "./segment-readers.ts";
import { type Place, segmentName } from "./segments.ts";

export interface SegmentStoreOptions {
  readonly disk: Disk;
  readonly log: Log;
  /** A segment that has grown past this is closed and a new one begun. */
  readonly segmentBytesMax: number;
}

interface Waiting {
  readonly hash: BlobHash;
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly resolve: (place: Place) => void;
  readonly reject: (refusal: Refusal) => void;
}

interface Active {
  readonly segment: number;
  readonly file: DiskFile;
  sizeBytes: number;
}

/** Before each body: a mark, its length and its hash, so that a segment can be read by itself. */
export const recordHeaderBytes = 44;
const mark = 0x474c4231;
/** Bodies that share a flush, at most. */
const groupBytesMax = 16_777_216;

/**
 * Packed, append-only files of bodies. Bodies that arrive while a flush is under way share the
 * next one. A body is durable when `append` resolves; what was appended but never got a row is
 * dead weight that compaction drops.
 */
export class SegmentStore {
  readonly readers: SegmentReaders;
  readonly #disk: Disk;
  readonly #log: Log;
  readonly #segmentBytesMax: number;
  #active: Active | undefined;
  #lastSegment: number;
  #lastIsUsable: boolean;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;

  /** `lastSegment` is the highest that was ever used: a number is not given to two files. */
  constructor(options: SegmentStoreOptions, lastSegment: number) {
    this.#disk = options.disk;
    this.#log = options.log;
    this.#segmentBytesMax = options.segmentBytesMax;
    this.#lastSegment = lastSegment;
    this.#lastIsUsable = lastSegment > 0;
    this.readers = new SegmentReaders(options.disk);
  }

  /** Whether the segment grows, or may yet. */
  isGrowing(segment: number): boolean {
    return segment === this.#lastSegment;
  }

  /**
   * Writes a body and makes it durable.
   * @throws Refusal `diskFull` or `unavailable`: then it is not kept.
   */
  append(hash: BlobHash, parts: readonly Uint8Array[], sizeBytes: number): Promise<Place> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ hash, parts, sizeBytes, resolve, reject });
      this.#flushing ??= this.#flushAll();
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#active?.file.close();
    this.#active = undefined;
    await this.readers.close();
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        const active = await this.#openActive();
        const places = await this.#write(active, group);
        for (const [index, { resolve }] of group.entries()) {
          const place = places[index];
          assert(place !== undefined, "every body of a group has a place");
          resolve(place);
        }
      } catch (error) {
        const refusal = this.#refusalOf(error);
        for (const { reject } of group) reject(refusal);
      }
    }
    this.#flushing = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    const bytesMax = Math.min(groupBytesMax, this.#segmentBytesMax);
    let bytes = 0;
    let count = 0;
    for (const { sizeBytes } of this.#waiting) {
      if (count > 0 && bytes + sizeBytes > bytesMax) break;
      bytes += sizeBytes;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #openActive(): Promise<Active> {
    const current = this.#active;
    if (current !== undefined && current.sizeBytes < this.#segmentBytesMax) return current;
    await this.#dropActive();
    const isOld = this.#lastIsUsable;
    const segment = isOld ? this.#lastSegment : this.#lastSegment + 1;
    this.#lastIsUsable = false;
    this.#lastSegment = segment;
    const file = await this.#disk.open(segmentName(segment));
    const active = { segment, file, sizeBytes: file.sizeBytes };
    if (active.sizeBytes >= this.#segmentBytesMax) {
      await file.close();
      return this.#openActive();
    }
    // The name must be as durable as the bytes that will be found under it.
    await this.#disk.syncFolder();
    this.#active = active;
    return active;
  }

  async #write(active: Active, group: readonly Waiting[]): Promise<readonly Place[]> {
    const start = active.sizeBytes;
    const parts: Uint8Array[] = [];
    const places: Place[] = [];
    let end = start;
    for (const waiting of group) {
      parts.push(headerOf(waiting), ...waiting.parts);
      places.push({ segment: active.segment, position: end + recordHeaderBytes });
      end += recordHeaderBytes + waiting.sizeBytes;
    }
    await this.#writeFully(active, parts, end - start);
    try {
      await active.file.sync();
    } catch (error) {
      // Its pages may count as clean although they never reached the disk: a second flush would
      // succeed and mean nothing. So this file is not written again.
      await this.#dropActive();
      throw error;
    }
    active.sizeBytes = end;
    return places;
  }

  /** Leaves the file as it was when not everything could be written. */
  async #writeFully(active: Active, parts: readonly Uint8Array[], bytes: number): Promise<void> {
    const start = active.sizeBytes;
    try {
      const written = await active.file.write(parts, start);
      if (written !== bytes) throw new Refusal("diskFull", "The disk is full; try again later.");
    } catch (error) {
      try {
        await active.file.truncate(start);
      } catch {
        // The tail stays as dead weight in a file that is not written again.
        await this.#dropActive();
      }
      throw error;
    }
  }

  async #dropActive(): Promise<void> {
    const file = this.#active?.file;
    this.#active = undefined;
    await file?.close().catch((error: unknown) => {
      this.#log.write("warn", "store.segmentNotClosed", { error: String(error) });
    });
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    this.#log.write("error", "store.segmentNotWritten", { error: String(error) });
    return isDiskFull(error)
      ? new Refusal("diskFull", "The disk is full; try again later.", String(error))
      : new Refusal("unavailable", "The store cannot keep that now.", String(error));
  }
}

function headerOf({ hash, sizeBytes }: Waiting): Uint8Array {
  const header = Buffer.alloc(recordHeaderBytes);
  header.writeUInt32BE(mark, 0);
  header.writeBigUInt64BE(BigInt(sizeBytes), 4);
  header.write(hash, 12, "hex");
  return header;
}

function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}
