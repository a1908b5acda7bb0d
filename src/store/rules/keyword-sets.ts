import { Refusal } from "../../base/faults.ts";
import { keywordsKey } from "./flags.ts";

/** Distinct sets of keywords that an account may ever use: their numbers must fit 16 bits. */
export const keywordSetsMax = 65_535;

/**
 * Numbers for sets of keywords. A message refers to its keywords by number, and most messages of
 * an account share a handful of sets. Number 0 is the empty set.
 */
export class KeywordSets {
  readonly #sets: (readonly string[])[] = [[]];
  readonly #numbers = new Map<string, number>([["", 0]]);

  /** All sets, each at the index that is its number. */
  get all(): readonly (readonly string[])[] {
    return this.#sets;
  }

  get(number: number): readonly string[] {
    return this.#sets[number] ?? [];
  }

  find(keywords: readonly string[]): number | undefined {
    return keywords.length === 0 ? 0 : this.#numbers.get(keywordsKey(keywords));
  }

  /**
   * Gives a new set the next number.
   * @throws Refusal `limit` when there is none left.
   */
  add(keywords: readonly string[]): number {
    const number = this.#sets.length;
    if (number > keywordSetsMax) {
      throw new Refusal("limit", "Too many different combinations of keywords.");
    }
    this.#sets.push(keywords);
    this.#numbers.set(keywordsKey(keywords), number);
    return number;
  }

  /** Takes back the newest set: its batch failed. */
  removeLast(): void {
    const last = this.#sets.pop();
    if (last !== undefined) this.#numbers.delete(keywordsKey(last));
  }
}
