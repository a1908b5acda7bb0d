/** A broken invariant: a bug of ours, never the fault of a client or of the world. */
export class InvariantError extends Error {
  override name = "InvariantError";
}

/** Stops the work at hand when something that must be true is not. Runs in production. */
export function assert(claim: boolean, what: string): asserts claim {
  if (!claim) throw new InvariantError(what);
}

/** Marks the end of an exhaustive switch: compiles only when no case is left. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${JSON.stringify(value)}`);
}
