import { assert } from "../../base/assert.ts";
import { asBuffer } from "../../base/bytes.ts";
import { type Clock, sleep } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import type { BlobHash } from "../../base/ids.ts";
import { streamBytesMax } from "../rules/blob-limits.ts";
import type { Connection } from "./connection.ts";
import { type Connector, retryMs, unavailable } from "./connector.ts";
import { faultOf } from "./database-faults.ts";
import { hashBytes } from "./record-rows.ts";
import { statement } from "./statement.ts";

const sql = {
  // One that is known and unused gets its full time of grace again. Locks the row either way.
  stage: statement(
    "stageBlob",
    `INSERT INTO blob VALUES ($1, $2, 0, $3)
       ON CONFLICT (hash) DO UPDATE SET free_since_ms = excluded.free_since_ms
       RETURNING xmax = 0 AS is_new`,
  ),
  addPiece: statement("addPiece", "INSERT INTO blob_piece VALUES ($1, $2, $3)"),
} as const;

export interface BodyStagerOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly patienceMs: number;
}

interface Waiting {
  readonly hash: BlobHash;
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Bodies that share a commit, at most; a single larger one goes alone. */
const groupBytesMax = 8_388_608;
/** Pieces that are on their way to the database at once. */
const piecesAtOnce = 8;

/** Makes large bodies durable before their batch; those that arrive meanwhile share a commit. */
export class BodyStager {
  readonly #options: BodyStagerOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(options: BodyStagerOptions) {
    this.#options = options;
  }

  /** @throws Refusal `diskFull` or `unavailable`: then it is not kept. */
  stage(hash: BlobHash, parts: readonly Uint8Array[], sizeBytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ hash, parts, sizeBytes, resolve, reject });
      this.#running ??= this.#runAll();
    });
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#options.connector.close();
  }

  crash(): void {
    this.#options.connector.destroy();
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#store(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { sizeBytes } of this.#waiting) {
      if (count > 0 && bytes + sizeBytes > groupBytesMax) break;
      bytes += sizeBytes;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Doing it twice does no harm: a body has one name. */
  async #store(group: readonly Waiting[]): Promise<void> {
    const { clock, patienceMs, connector } = this.#options;
    const untilMs = clock.monotonicMs() + patienceMs;
    for (;;) {
      try {
        return await this.#tryToStore(await connector.get(), group);
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

  async #tryToStore(connection: Connection, group: readonly Waiting[]): Promise<void> {
    const nowMs = this.#options.clock.now();
    // In one order, so that servers that stage the same bodies do not wait in a circle.
    const bodies = [...new Map(group.map((body) => [body.hash, body])).values()].sort((a, b) =>
      a.hash < b.hash ? -1 : 1,
    );
    try {
      const staged = await Promise.all([
        connection.run("BEGIN"),
        ...bodies.map(({ hash, sizeBytes }) =>
          connection.query(sql.stage, [hashBytes(hash), sizeBytes, nowMs]),
        ),
      ]).then(([, ...rows]) => rows);
      const fresh = bodies.filter((_, index) => isNew(staged[index]));
      for (const { hash, parts } of fresh) await sendPieces(connection, hash, parts);
      const ended = await connection.run("COMMIT");
      assert(ended === "COMMIT", "every statement of the transaction was answered");
    } catch (error) {
      if (faultOf(error) === "connectionLost") connection.destroy();
      else await connection.run("ROLLBACK").catch(() => connection.destroy());
      throw error;
    }
  }
}

function isNew(rows: Awaited<ReturnType<Connection["query"]>> | undefined): boolean {
  return rows?.[0]?.["is_new"] === true;
}

async function sendPieces(
  connection: Connection,
  hash: BlobHash,
  parts: readonly Uint8Array[],
): Promise<void> {
  const sending: Promise<unknown>[] = [];
  let place = 0;
  for (const piece of cutPieces(parts)) {
    sending.push(connection.query(sql.addPiece, [hashBytes(hash), place++, piece]));
    if (sending.length === piecesAtOnce) await Promise.all(sending.splice(0));
  }
  await Promise.all(sending);
}

/** The bytes of all parts in pieces of equal size, the last one maybe smaller. */
export function* cutPieces(parts: readonly Uint8Array[]): Iterable<Uint8Array> {
  let left = parts.reduce((sum, part) => sum + part.length, 0);
  let piece = Buffer.allocUnsafe(Math.min(streamBytesMax, left));
  let filled = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      const copied = asBuffer(part).copy(piece, filled, at);
      at += copied;
      filled += copied;
      if (filled < piece.length) continue;
      yield piece;
      left -= filled;
      piece = Buffer.allocUnsafe(Math.min(streamBytesMax, left));
      filled = 0;
    }
  }
}
