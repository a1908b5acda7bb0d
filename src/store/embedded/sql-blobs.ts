import { createHash, hash } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { asBuffer } from "../../base/bytes.ts";
import { type BlobHash, blobHash } from "../../base/ids.ts";
import type { BlobStore, StagedBlob } from "../blobs.ts";
import { streamBytesMax } from "../rules/blob-limits.ts";
import { bytesOf, numberOf, optionalNumber } from "./rows.ts";
import type { SegmentStore } from "./segment-store.ts";
import type { Place } from "./segments.ts";
import type { Statements } from "./statements.ts";

export interface SqlBlobsOptions {
  readonly statements: Statements;
  readonly segments: SegmentStore;
  readonly nowMs: () => number;
  readonly inlineBytesMax: number;
  /** @throws Refusal `diskFull` when so many bytes should not be written now. */
  readonly checkRoom: (bytes: number) => void;
}

interface Staged {
  readonly place: Place | undefined;
  readonly sizeBytes: number;
  readonly sinceMs: number;
}

/** A body that a row names, or that is staged. */
interface Found {
  readonly sizeBytes: number;
  readonly place: Place | undefined;
  /** Row of the body in the database when it has no place. */
  readonly id: number;
}

/** A staged body whose row exists needs no protection after this long: its batch is through. */
const stagedMs = 600_000;

/** Bodies: small ones in the database, large ones and packed ones in segments. */
export class SqlBlobs implements BlobStore {
  readonly #options: SqlBlobsOptions;
  readonly #staged = new Map<BlobHash, Staged>();

  constructor(options: SqlBlobsOptions) {
    this.#options = options;
  }

  async put(parts: readonly Uint8Array[]): Promise<StagedBlob> {
    const { inlineBytesMax, checkRoom, segments, nowMs } = this.#options;
    const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (sizeBytes <= inlineBytesMax) {
      // A copy: the caller may use its buffers again.
      const inline = Buffer.concat(parts);
      return { hash: blobHash(hash("sha256", inline, "hex")), sizeBytes, inline };
    }
    const digest = createHash("sha256");
    for (const part of parts) digest.update(part);
    const name = blobHash(digest.digest("hex"));
    const known = this.#find(name);
    if (known === undefined) {
      checkRoom(sizeBytes);
      const place = await segments.append(name, parts, sizeBytes);
      this.#staged.set(name, { place, sizeBytes, sinceMs: nowMs() });
    } else {
      this.#staged.set(name, { place: known.place, sizeBytes, sinceMs: nowMs() });
    }
    return { hash: name, sizeBytes };
  }

  async read(name: BlobHash, start = 0, end = Infinity): Promise<Uint8Array> {
    const found = this.#get(name);
    const last = Math.min(end, found.sizeBytes);
    if (start >= last) return new Uint8Array();
    if (found.place !== undefined) {
      return this.#options.segments.readers.read(found.place, start, last);
    }
    return this.#readRow(found, start, last);
  }

  async *stream(name: BlobHash, start = 0, end = Infinity): AsyncIterable<Uint8Array> {
    const found = this.#get(name);
    const last = Math.min(end, found.sizeBytes);
    if (start >= last) return;
    const { place } = found;
    if (place === undefined) {
      yield this.#readRow(found, start, last);
      return;
    }
    const { readers } = this.#options.segments;
    await using _ = readers.hold(place.segment);
    for (let at = start; at < last; at += streamBytesMax) {
      yield await readers.read(place, at, Math.min(at + streamBytesMax, last));
    }
  }

  findStaged(name: BlobHash): Place | undefined {
    return this.#staged.get(name)?.place;
  }

  /** Whether a batch may still name the body although no row uses it. */
  isStaged(name: BlobHash): boolean {
    return this.#staged.has(name);
  }

  hasStagedIn(segment: number): boolean {
    for (const { place } of this.#staged.values()) if (place?.segment === segment) return true;
    return false;
  }

  /** Forgets staged bodies that are used by now, and those that never will be. */
  forgetStaged(nowMs: number, neverUsedMs: number): void {
    for (const [name, { sinceMs }] of this.#staged) {
      const ageMs = nowMs - sinceMs;
      if (ageMs < stagedMs) continue;
      if (ageMs >= neverUsedMs || this.#findRow(name) !== undefined) this.#staged.delete(name);
    }
  }

  #get(name: BlobHash): Found {
    const found = this.#find(name);
    assert(found !== undefined, `no body is known as ${name}`);
    return found;
  }

  #find(name: BlobHash): Found | undefined {
    const row = this.#findRow(name);
    if (row !== undefined) return row;
    const staged = this.#staged.get(name);
    return staged === undefined ? undefined : { ...staged, id: 0 };
  }

  #findRow(name: BlobHash): Found | undefined {
    const row = this.#options.statements.findBlob.get(Buffer.from(name, "hex"));
    if (row === undefined) return undefined;
    const segment = optionalNumber(row, "segment");
    const place =
      segment === undefined ? undefined : { segment, position: numberOf(row, "position") };
    return { sizeBytes: numberOf(row, "size_bytes"), place, id: numberOf(row, "id") };
  }

  #readRow({ id, sizeBytes }: Found, start: number, end: number): Uint8Array {
    const bytes = bytesOf(this.#options.statements.readBody.get(id), "bytes");
    assert(bytes.length === sizeBytes, "a body has the size that its row says");
    return start === 0 && end === sizeBytes ? bytes : asBuffer(bytes).subarray(start, end);
  }
}
