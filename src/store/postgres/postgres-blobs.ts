import { createHash, hash } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { asBuffer, concat } from "../../base/bytes.ts";
import { type Clock, sleep } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import { type BlobHash, blobHash } from "../../base/ids.ts";
import { Semaphore } from "../../base/lock.ts";
import type { BlobStore, StagedBlob } from "../blobs.ts";
import { streamBytesMax } from "../rules/blob-limits.ts";
import { type Connector, retryMs, unavailable } from "./connector.ts";
import { faultOf } from "./database-faults.ts";
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
  // One that is known and unused gets its full time of grace again. Locks the row either way.
  stage: statement(
    "stageBlob",
    `INSERT INTO blob VALUES ($1, $2, 0, $3)
       ON CONFLICT (hash) DO UPDATE SET free_since_ms = excluded.free_since_ms
       RETURNING xmax = 0 AS is_new`,
  ),
  addPiece: statement("addPiece", "INSERT INTO blob_piece VALUES ($1, $2, $3)"),
} as const;

export interface PostgresBlobsOptions {
  readonly pool: ReaderPool;
  /** For bodies that are made durable by themselves. */
  readonly connector: Connector;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly inlineBytesMax: number;
}

/** Pieces of a body that are on their way to the database at once. */
const piecesAtOnce = 8;

/** Bodies: small ones ride inside the commit, large ones go first; both lie in pieces. */
export class PostgresBlobs implements BlobStore {
  readonly #options: PostgresBlobsOptions;
  readonly #turn = new Semaphore(1);

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
    await this.#store(name, parts, sizeBytes);
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

  /** One at a time: what a large body needs is bandwidth, not company. */
  async #store(name: BlobHash, parts: readonly Uint8Array[], sizeBytes: number): Promise<void> {
    const { clock, patienceMs } = this.#options;
    using _ = await this.#turn.acquire();
    const untilMs = clock.monotonicMs() + patienceMs;
    for (;;) {
      try {
        return await this.#tryToStore(name, parts, sizeBytes);
      } catch (error) {
        const fault = faultOf(error);
        if (fault === "diskFull") {
          throw new Refusal("diskFull", "The disk is full; try again later.", String(error));
        }
        if (fault === "refused") throw error;
        if (clock.monotonicMs() >= untilMs) throw unavailable(error);
      }
      await sleep(clock, retryMs);
    }
  }

  async #tryToStore(name: BlobHash, parts: readonly Uint8Array[], sizeBytes: number) {
    const { connector, clock } = this.#options;
    const connection = await connector.get();
    try {
      await connection.run("BEGIN");
      const [row] = await connection.query(sql.stage, [hashBytes(name), sizeBytes, clock.now()]);
      if (row?.["is_new"] === true) {
        const sending: Promise<unknown>[] = [];
        let place = 0;
        for (const piece of cut(parts)) {
          sending.push(connection.query(sql.addPiece, [hashBytes(name), place++, piece]));
          if (sending.length === piecesAtOnce) await Promise.all(sending.splice(0));
        }
        await Promise.all(sending);
      }
      const ended = await connection.run("COMMIT");
      assert(ended === "COMMIT", "every statement of the transaction was answered");
    } catch (error) {
      if (faultOf(error) === "connectionLost") connection.destroy();
      else await connection.run("ROLLBACK").catch(() => connection.destroy());
      throw error;
    }
  }
}

/** The bytes of all parts in pieces of equal size, the last one maybe smaller. */
function* cut(parts: readonly Uint8Array[]): Iterable<Uint8Array> {
  let piece = Buffer.allocUnsafe(streamBytesMax);
  let filled = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      const copied = asBuffer(part).copy(piece, filled, at);
      at += copied;
      filled += copied;
      if (filled < streamBytesMax) continue;
      yield piece;
      piece = Buffer.allocUnsafe(streamBytesMax);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
