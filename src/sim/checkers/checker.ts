import type { MemoryDisk } from "../../store/memory/memory-disk.ts";
import type { Ledger } from "../world/ledger.ts";
import type { Stored } from "./stored.ts";

/** A finished run: what the server keeps, and what the actors know. */
export interface FinishedWorld {
  readonly disk: MemoryDisk;
  readonly ledger: Ledger;
  readonly stored: Stored;
}

/** One invariant of the server. */
export interface Checker {
  /** A claim that must hold. */
  readonly name: string;
  /** A sentence for each case in which it does not. */
  check(world: FinishedWorld): Iterable<string>;
}

export interface Breach {
  readonly invariant: string;
  readonly what: string;
}
