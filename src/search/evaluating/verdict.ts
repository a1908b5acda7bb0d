/** Whether a message matches, as far as is known: `maybe` needs a look at more of it. */
export type Verdict = "no" | "yes" | "maybe";

export const verdictOf = (claim: boolean): Verdict => (claim ? "yes" : "no");

/** One stage's knowledge about one row; what is absent has not been read yet. */
export interface Facts {
  row: number;
  light?: LightFacts | undefined;
  headers?: string | undefined;
  envelope?: string | undefined;
  body?: string | undefined;
  /** The header and the message itself, read for what is kept nowhere else. */
  fields?: HeaderTexts | undefined;
  content?: string | undefined;
  /** The message is gone, and whatever asks for its text does not match. */
  isGone?: boolean;
}

export interface LightFacts {
  readonly sentAtMs: number;
  readonly thread: number;
  readonly hasAttachment: boolean;
}

/** Folded values of the header's fields by lower-case name. */
export type HeaderTexts = ReadonlyMap<string, readonly string[]>;

/** Looks at one message. */
export type Test = (facts: Facts) => Verdict;
