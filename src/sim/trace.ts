import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.ts";

/** Everything that happened, in order: hashed as a whole, the last lines kept for people. */
export class Trace {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #hash = createHash("sha256");
  readonly #last: string[] = [];
  readonly #keptMax: number;
  readonly #print: ((line: string) => void) | undefined;
  #count = 0;

  constructor(clock: Clock, options: { keptMax?: number; print?: (line: string) => void } = {}) {
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#keptMax = options.keptMax ?? 60;
    this.#print = options.print;
  }

  /** `who` is an actor ("mx3", "server", "faults"), `what` a short sentence. */
  add(who: string, what: string): void {
    const line = `${formatTime(this.#clock.now() - this.#startMs)} ${who}: ${what}`;
    this.#hash.update(`${line}\n`);
    this.#last.push(line);
    if (this.#last.length > this.#keptMax) this.#last.shift();
    this.#count++;
    this.#print?.(line);
  }

  get count(): number {
    return this.#count;
  }

  get last(): readonly string[] {
    return this.#last;
  }

  /** SHA-256 over all lines so far, hexadecimal. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** "1d 02:03:04.567" since the start of the run. */
function formatTime(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const seconds = (ms / 1000) % 60;
  const time = `${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two(seconds)}`;
  return `${Math.floor(ms / 86_400_000)}d ${time}.${String(Math.floor(ms % 1000)).padStart(3, "0")}`;
}
