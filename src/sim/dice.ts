import { seededRandom, type Random } from "../base/random.ts";

/** What may happen, decided by a seed. Each actor has dice of its own, forked by name. */
export class Dice {
  readonly random: Random;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.random = seededRandom(seed);
  }

  /** Dice that depend on the seed and the name only, not on who else has thrown before. */
  fork(name: string): Dice {
    let hash = this.#seed ^ 0x811c9dc5;
    // FNV-1a, 32 bits.
    for (const character of name) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
    return new Dice(hash >>> 0);
  }

  chance(probability: number): boolean {
    return this.random.fraction() < probability;
  }

  /** A whole number, both ends included. */
  between(first: number, last: number): number {
    return first + Math.floor(this.random.fraction() * (last - first + 1));
  }

  pick<Value>(list: readonly [Value, ...Value[]]): Value;
  pick<Value>(list: readonly Value[]): Value | undefined;
  pick<Value>(list: readonly Value[]): Value | undefined {
    return list[this.between(0, list.length - 1)];
  }

  /** `count` different ones at most. */
  sample<Value>(list: readonly Value[], count: number): Value[] {
    const left = [...list];
    const taken: Value[] = [];
    while (taken.length < count && left.length > 0) {
      taken.push(...left.splice(this.between(0, left.length - 1), 1));
    }
    return taken;
  }

  /** From `least` to `most`, small ones as likely as large ones (log-uniform). */
  spread(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.random.fraction());
  }
}
