import type { Clock, Timer } from "../../base/clock.ts";
import type { SqlKeyed } from "./sql-keyed.ts";
import type { SqlWriter } from "./sql-writer.ts";

/** Sees to it that changes of keyed state are committed soon, even when nothing else is. */
export class KeyedFlusher {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #keyed: SqlKeyed;
  readonly #writer: SqlWriter;
  #timer: Timer | undefined;

  constructor(clock: Clock, delayMs: number, keyed: SqlKeyed, writer: SqlWriter) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#keyed = keyed;
    this.#writer = writer;
  }

  start(): void {
    this.#timer ??= this.#clock.after(this.#delayMs, () => {
      this.#timer = undefined;
      if (this.#keyed.hasChanges) this.#flush().catch(ignoreClosed);
    });
  }

  /** Commits what is left. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#keyed.hasChanges) await this.#flush().catch(ignoreClosed);
  }

  /** A commit of nothing: every commit takes the changes along. */
  #flush(): Promise<void> {
    return this.#writer.write(0, () => ({ answer: undefined }));
  }
}

/** The writer logs why it cannot commit; the changes wait for the next commit or are lost. */
function ignoreClosed(): void {}
