import { asBuffer } from "../../base/bytes.ts";
import { textKey } from "../rules/threads.ts";
import type { UndoLog } from "../rules/undo-log.ts";
import { journeyHandles } from "../rules/journey-handles.ts";
import { bytesOf, numberOf, optionalNumber, textOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** Parts of a block: their places in it fit the 12 low bits of an entry. */
const blockParts = 4096;
/** Bits of a handle's hash in an entry, as a factor: 40 bits and 12 fit a double exactly. */
const keyRange = 2 ** 40;

/**
 * Finds parts of journeys by their handles. An index with a row for each handle would touch four
 * pages at random for every message; here the handles of 4,096 parts in a row are one sorted
 * block, written once, and those of the newest parts are in memory. Finding looks into all blocks
 * (about 1,000 for 4 million messages), which is fine for a question that a person asks.
 */
export class JourneyIndex {
  readonly #sql: Statements;
  readonly #undo: UndoLog;
  /** Entries of parts that no block has yet. */
  #entries: { readonly key: number; readonly number: number }[] = [];
  #nextNumber = 0;
  #firstNumber = 0;

  constructor(statements: Statements, undo: UndoLog) {
    this.#sql = statements;
    this.#undo = undo;
    this.clear();
  }

  /** Gives the next part its number, which no part before had. */
  add(handles: readonly string[]): number {
    const { length } = this.#entries;
    const number = this.#nextNumber;
    for (const handle of handles) this.#entries.push({ key: keyOf(handle), number });
    this.#nextNumber = number + 1;
    this.#undo.add(() => {
      this.#entries.length = length;
      this.#nextNumber = number;
    });
    return number;
  }

  /** Numbers of parts that may have the handle, newest first. */
  *find(handle: string): Iterable<number> {
    const key = keyOf(handle);
    for (const entry of this.#entries.toReversed()) if (entry.key === key) yield entry.number;
    for (const row of this.#sql.blocks.all()) {
      const first = numberOf(row, "first_number");
      const entries = entriesOf(bytesOf(row, "entries"));
      const after = lowerBound(entries, (key + 1) * blockParts);
      for (let at = after - 1; at >= 0; at--) {
        const entry = entries[at];
        if (entry === undefined || entry < key * blockParts) break;
        yield first + (entry % blockParts);
      }
    }
  }

  /** Writes the newest parts as a block, once there are enough of them. */
  flush(): void {
    while (this.#nextNumber - this.#firstNumber >= blockParts) {
      const first = this.#firstNumber;
      const next = first + blockParts;
      const inBlock = this.#entries.filter((entry) => entry.number < next);
      const entries = Float64Array.from(
        inBlock,
        ({ key, number }) => key * blockParts + (number - first),
      ).sort();
      this.#sql.addBlock.run(first, next, new Uint8Array(entries.buffer));
      this.#entries = this.#entries.filter((entry) => entry.number >= next);
      this.#firstNumber = next;
    }
  }

  /** Reads the parts that are in no block again. */
  clear(): void {
    this.#entries = [];
    this.#firstNumber = optionalNumber(this.#sql.lastBlock.get() ?? {}, "next") ?? 1;
    this.#nextNumber = this.#firstNumber;
    for (const row of this.#sql.partsFrom.iterate(this.#firstNumber)) {
      const number = numberOf(row, "number");
      const journey = textOf(row, "journey");
      const part = JSON.parse(textOf(row, "part"));
      const handles = journeyHandles({ ...part, kind: "journey.append", journey });
      for (const handle of [journey, ...handles])
        this.#entries.push({ key: keyOf(handle), number });
      this.#nextNumber = number + 1;
    }
  }
}

function keyOf(handle: string): number {
  return textKey(handle) % keyRange;
}

/** Blobs are read where they happen to lie; doubles want to lie at multiples of eight. */
function entriesOf(bytes: Uint8Array): Float64Array {
  const copy = Uint8Array.from(asBuffer(bytes));
  return new Float64Array(copy.buffer);
}

/** Index of the first entry that is not below `wanted`. */
function lowerBound(entries: Float64Array, wanted: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] ?? Infinity) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
