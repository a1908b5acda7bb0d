import { assert } from "../../base/assert.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { type Place, segmentName } from "./segments.ts";

interface OpenSegment {
  readonly file: Promise<DiskFile>;
  holders: number;
}

/** Files kept open for reading when nobody reads them at the moment. */
const idleMax = 64;

/** Reads bodies out of segments. A segment that is being read is not closed or removed. */
export class SegmentReaders {
  readonly #disk: Disk;
  readonly #open = new Map<number, OpenSegment>();
  readonly #removed = new Set<number>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Reads a whole range, or fails when the segment ends before. */
  async read({ segment, position }: Place, start: number, end: number): Promise<Uint8Array> {
    const held = this.#hold(segment);
    try {
      const file = await held.file;
      const bytes = await file.read(position + start, end - start);
      assert(bytes.length === end - start, "a segment holds the bodies that it is said to hold");
      return bytes;
    } finally {
      await this.#letGo(segment, held);
    }
  }

  /** Keeps a segment readable across several reads. */
  hold(segment: number): AsyncDisposable {
    const held = this.#hold(segment);
    return { [Symbol.asyncDispose]: () => this.#letGo(segment, held) };
  }

  /** Removes the file, once nobody reads it. */
  async remove(segment: number): Promise<void> {
    this.#removed.add(segment);
    const held = this.#open.get(segment);
    if (held === undefined) await this.#unlink(segment);
    else if (held.holders === 0) await this.#close(segment, held);
  }

  async close(): Promise<void> {
    for (const [segment, held] of this.#open) await this.#close(segment, held);
  }

  #hold(segment: number): OpenSegment {
    let held = this.#open.get(segment);
    if (held === undefined) {
      held = { file: this.#disk.open(segmentName(segment)), holders: 0 };
      this.#open.set(segment, held);
    }
    held.holders++;
    return held;
  }

  async #letGo(segment: number, held: OpenSegment): Promise<void> {
    held.holders--;
    if (held.holders > 0) return;
    const isFailed = await held.file.then(
      () => false,
      () => true,
    );
    if (held.holders > 0) return;
    if (isFailed) this.#open.delete(segment);
    else if (this.#removed.has(segment) || this.#open.size > idleMax) {
      await this.#close(segment, held);
    }
  }

  async #close(segment: number, held: OpenSegment): Promise<void> {
    if (this.#open.get(segment) === held) this.#open.delete(segment);
    await (await held.file).close();
    if (this.#removed.has(segment)) await this.#unlink(segment);
  }

  async #unlink(segment: number): Promise<void> {
    this.#removed.delete(segment);
    await this.#disk.remove(segmentName(segment));
  }
}
