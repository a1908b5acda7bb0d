import { createHash, hash } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { concat } from "../../base/bytes.ts";
import { type BlobHash, blobHash } from "../../base/ids.ts";
import type { BlobStore, StagedBlob } from "../blobs.ts";
import { streamBytesMax } from "../rules/blob-limits.ts";
import type { BodyStager } from "./body-stager.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { hashBytes } from "./record-rows.ts";
import { bytesOf, numberOf } from "./rows.ts";
import { statement } from "./statement.ts";

const sql = {
  piece: statement(
    "blobPiece",
    `SELECT size_bytes, substring(bytes FROM $3::int4 FOR $4::int4) AS bytes
       FROM blob LEFT JOIN blob_piece ON blob_piece.hash = blob.hash AND place = $2
       WHERE blob.hash = $1`,
  ),
} as const;

export interface PostgresBlobsOptions {
  readonly pool: ReaderPool;
  /** For bodies that are made durable by themselves. */
  readonly stager: Pick<BodyStager, "stage">;
  readonly inlineBytesMax: number;
}

/** Bodies: small ones ride inside the commit, large ones go first; both lie in pieces. */
export class PostgresBlobs implements BlobStore {
  readonly #options: PostgresBlobsOptions;

  constructor(options: PostgresBlobsOptions) {
    this.#options = options;
  }

  async put(parts: readonly Uint8Array[]): Promise<StagedBlob> {
    const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (sizeBytes <= this.#options.inlineBytesMax) {
      // A copy: the caller may use its buffers again.
      const inline = Buffer.concat(parts);
      return { hash: blobHash(hash("sha256", inline, "hex")), sizeBytes, inline };
    }
    const digest = createHash("sha256");
    for (const part of parts) digest.update(part);
    const name = blobHash(digest.digest("hex"));
    await this.#options.stager.stage(name, parts, sizeBytes);
    return { hash: name, sizeBytes };
  }

  async read(name: BlobHash, start = 0, end = Infinity): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.stream(name, start, end)) pieces.push(piece);
    return concat(pieces);
  }

  async *stream(name: BlobHash, start = 0, end = Infinity): AsyncIterable<Uint8Array> {
    let at = start;
    let last: number;
    do {
      const place = Math.floor(at / streamBytesMax);
      const from = at % streamBytesMax;
      const bytes = Math.max(0, Math.min(streamBytesMax - from, end - at));
      const parameters = [hashBytes(name), place, from + 1, bytes];
      const [row] = await this.#options.pool.query(sql.piece, parameters);
      assert(row !== undefined, `no body is known as ${name}`);
      last = Math.min(end, numberOf(row, "size_bytes"));
      if (at >= last) return;
      const piece = bytesOf(row, "bytes");
      assert(piece.length === Math.min(bytes, last - at), "a body has the size that its row says");
      yield piece;
      at += piece.length;
    } while (at < last);
  }
}
