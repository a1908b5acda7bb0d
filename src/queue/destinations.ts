import type { QueueSettings } from "./settings.ts";

interface Destination {
  runningCount: number;
  waitingCount: number;
  /** Attempts in a row in which nobody answered. */
  silences: number;
  pausedUntilMs: number;
}

/** Who may be tried now: attempts under way by destination, and those that are left alone. */
export class Destinations {
  readonly #settings: QueueSettings;
  readonly #known = new Map<string, Destination>();

  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  /** A lease has come that is not started yet. */
  addWaiting(name: string): void {
    this.#get(name).waitingCount++;
  }

  dropWaiting(name: string): void {
    this.#get(name).waitingCount--;
    this.#forget(name);
  }

  isPaused(name: string, nowMs: number): boolean {
    return this.#get(name).pausedUntilMs > nowMs;
  }

  canStart(name: string): boolean {
    return this.#get(name).runningCount < this.#settings.attemptsPerDestinationMax;
  }

  start(name: string): void {
    const one = this.#get(name);
    one.waitingCount--;
    one.runningCount++;
  }

  /** Ends an attempt. Hosts that do not answer are asked ever more rarely, whoever writes there. */
  end(name: string, wasSilent: boolean, nowMs: number): void {
    const one = this.#get(name);
    const { silencesMax, pauseMs, pauseMsMax } = this.#settings;
    one.runningCount--;
    one.silences = wasSilent ? one.silences + 1 : 0;
    const over = one.silences - silencesMax;
    one.pausedUntilMs =
      over < 0 ? 0 : nowMs + Math.min(pauseMs * 2 ** Math.min(over, 20), pauseMsMax);
    this.#forget(name);
  }

  /** Ends all pauses: somebody has asked for an attempt by hand. */
  resume(): void {
    for (const one of this.#known.values()) {
      one.silences = 0;
      one.pausedUntilMs = 0;
    }
  }

  /** Those that have all the attempts they may have, and those that are left alone. */
  skipped(nowMs: number): readonly string[] {
    const { attemptsPerDestinationMax } = this.#settings;
    const names: string[] = [];
    for (const [name, one] of this.#known) {
      const isFull = one.runningCount + one.waitingCount >= attemptsPerDestinationMax;
      if (isFull || one.pausedUntilMs > nowMs) names.push(name);
      else this.#forget(name, nowMs);
    }
    return names;
  }

  /** When the next pause ends, undefined without one. */
  nextResumeMs(nowMs: number): number | undefined {
    let next: number | undefined;
    for (const { pausedUntilMs } of this.#known.values()) {
      if (pausedUntilMs > nowMs) next = Math.min(next ?? pausedUntilMs, pausedUntilMs);
    }
    return next;
  }

  #get(name: string): Destination {
    const found = this.#known.get(name);
    if (found !== undefined) return found;
    const made = { runningCount: 0, waitingCount: 0, silences: 0, pausedUntilMs: 0 };
    this.#known.set(name, made);
    return made;
  }

  /** Nothing is kept of a destination without work; silences are, until well after their pause. */
  #forget(name: string, nowMs = 0): void {
    const one = this.#known.get(name);
    if (one === undefined || one.runningCount + one.waitingCount > 0) return;
    const isOld =
      one.pausedUntilMs > 0 && nowMs > one.pausedUntilMs + 2 * this.#settings.pauseMsMax;
    if (one.silences === 0 || isOld) this.#known.delete(name);
  }
}
