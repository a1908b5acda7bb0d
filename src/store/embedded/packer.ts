import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type BlobHash, blobHash } from "../../base/ids.ts";
import type { Disk } from "./disk.ts";
import { bytesOf, numberOf } from "./rows.ts";
import type { SegmentStore } from "./segment-store.ts";
import { segmentNumber } from "./segments.ts";
import type { SqlBlobs } from "./sql-blobs.ts";
import type { SqlWriter } from "./sql-writer.ts";

export interface PackerOptions {
  readonly database: DatabaseSync;
  readonly disk: Disk;
  readonly segments: SegmentStore;
  readonly blobs: SqlBlobs;
  readonly writer: SqlWriter;
  /** Age from which a small body leaves the database: most that live short lives are gone. */
  readonly packAfterMs: number;
}

interface Body {
  readonly id: number;
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
}

const stepBodies = 64;
const stepBytes = 4_194_304;

/** Moves bodies to where they stay: out of the database, and out of mostly empty segments. */
export class Packer {
  readonly #options: PackerOptions;
  readonly #findSmall: StatementSync;
  readonly #findInSegment: StatementSync;
  readonly #place: StatementSync;
  readonly #removeBody: StatementSync;
  readonly #liveBytes: StatementSync;
  readonly #removeSegment: StatementSync;

  constructor(options: PackerOptions) {
    const { database } = options;
    this.#options = options;
    this.#findSmall = database.prepare(`SELECT id, hash, bytes FROM blob_body JOIN blob USING (id)
      WHERE added_at_ms <= ? ORDER BY id LIMIT ${stepBodies}`);
    this.#findInSegment = database.prepare(`SELECT id, hash, size_bytes, position FROM blob
      WHERE segment = ? ORDER BY position LIMIT ${stepBodies}`);
    this.#place = database.prepare(`UPDATE blob SET segment = ?, position = ?
      WHERE id = ? AND hash = ? AND segment IS ?`);
    this.#removeBody = database.prepare("DELETE FROM blob_body WHERE id = ?");
    this.#liveBytes = database.prepare("SELECT live_bytes FROM segment WHERE id = ?");
    this.#removeSegment = database.prepare("DELETE FROM segment WHERE id = ?");
  }

  /** Packs some small bodies; returns how many, 0 when none is old enough. */
  async packStep(nowMs: number): Promise<number> {
    const rows = this.#findSmall.all(nowMs - this.#options.packAfterMs);
    const bodies = takeUpTo(
      stepBytes,
      rows.map((row) => ({
        id: numberOf(row, "id"),
        hash: hashOf(row),
        bytes: bytesOf(row, "bytes"),
      })),
    );
    await this.#move(bodies, undefined);
    return bodies.length;
  }

  /**
   * Empties some of one segment that is at most half full, or removes one that is empty. Returns
   * how much it did, 0 when all segments are full enough.
   */
  async compactStep(): Promise<number> {
    const { disk, segments, blobs } = this.#options;
    for (const { name, sizeBytes } of await disk.list()) {
      const segment = segmentNumber(name);
      if (segment === undefined || segments.isGrowing(segment)) continue;
      const row = this.#liveBytes.get(segment);
      const liveBytes = row === undefined ? 0 : numberOf(row, "live_bytes");
      if (liveBytes * 2 > sizeBytes || blobs.hasStagedIn(segment)) continue;
      if (liveBytes === 0 && this.#findInSegment.get(segment) === undefined) {
        return this.#removeFile(segment);
      }
      return this.#emptySome(segment);
    }
    return 0;
  }

  async #removeFile(segment: number): Promise<number> {
    const { segments, writer } = this.#options;
    await segments.readers.remove(segment);
    await writer.write(0, () => {
      this.#removeSegment.run(segment);
      return { answer: undefined };
    });
    return 1;
  }

  async #emptySome(segment: number): Promise<number> {
    const { readers } = this.#options.segments;
    const bodies: Body[] = [];
    let bytes = 0;
    for (const row of this.#findInSegment.all(segment)) {
      const sizeBytes = numberOf(row, "size_bytes");
      if (bodies.length > 0 && bytes + sizeBytes > stepBytes) break;
      bytes += sizeBytes;
      const place = { segment, position: numberOf(row, "position") };
      const body = await readers.read(place, 0, sizeBytes);
      bodies.push({ id: numberOf(row, "id"), hash: hashOf(row), bytes: body });
    }
    await this.#move(bodies, segment);
    return bodies.length;
  }

  /** Copies bodies to the growing segment, durably, and only then points their rows there. */
  async #move(bodies: readonly Body[], from: number | undefined): Promise<void> {
    if (bodies.length === 0) return;
    const { segments, writer } = this.#options;
    const moved = await Promise.all(
      bodies.map(async ({ id, hash, bytes }) => {
        const place = await segments.append(hash, [bytes], bytes.length);
        return { id, name: Buffer.from(hash, "hex"), ...place };
      }),
    );
    await writer.write(0, () => {
      for (const { id, name, segment, position } of moved) {
        // It may have been freed in the meantime, and its number given to another body.
        const { changes } = this.#place.run(segment, position, id, name, from ?? null);
        if (from === undefined && changes !== 0) this.#removeBody.run(id);
      }
      return { answer: undefined };
    });
  }
}

function hashOf(row: Record<string, unknown>): BlobHash {
  return blobHash(Buffer.from(bytesOf(row, "hash")).toString("hex"));
}

function takeUpTo(bytesMax: number, bodies: readonly Body[]): readonly Body[] {
  let bytes = 0;
  const index = bodies.findIndex((body) => (bytes += body.bytes.length) > bytesMax);
  return index < 0 ? bodies : bodies.slice(0, Math.max(1, index));
}
