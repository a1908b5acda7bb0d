/**
 * The result of `work`, or undefined once `signal` is aborted. What comes later is thrown away
 * with `discard`, and so is its failure.
 */
export async function orAbort<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  discard: (late: Result) => void = () => undefined,
): Promise<Result | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const abort = () => {
    work.then(discard, () => undefined);
    resolve(undefined);
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
