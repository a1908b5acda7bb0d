/** What a Uint16 column can name. */
const setsMax = 65_536;

/**
 * The different sets of keywords in a mailbox, each with a number for the column; 0 is the empty
 * set. Sets that no message has any more keep their number until the mailbox is loaded anew.
 */
export class KeywordSets {
  readonly sets: (readonly string[])[];
  readonly #numbers = new Map<string, number>();
  #names: readonly string[] | undefined;

  constructor(sets: readonly (readonly string[])[]) {
    this.sets = sets.length === 0 ? [[]] : [...sets];
    this.sets.forEach((set, at) => this.#numbers.set(set.join(" "), at));
  }

  /** True when no more than a few new sets can be named: new keywords are to be refused. */
  get isNearlyFull(): boolean {
    return this.sets.length > setsMax - 1000;
  }

  indexOf(keywords: readonly string[]): number {
    if (keywords.length === 0) return 0;
    const key = keywords.join(" "); // no keyword contains a space
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.sets.length >= setsMax) return 0;
    this.sets.push(keywords);
    this.#numbers.set(key, this.sets.length - 1);
    this.#names = undefined;
    return this.sets.length - 1;
  }

  /** All keywords of all sets, sorted; one spelling of each. */
  get names(): readonly string[] {
    if (this.#names !== undefined) return this.#names;
    const names = new Map<string, string>();
    for (const set of this.sets) {
      for (const name of set)
        if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    }
    this.#names = [...names.values()].sort();
    return this.#names;
  }
}
