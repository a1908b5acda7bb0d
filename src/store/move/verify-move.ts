import { Refusal } from "../../base/faults.ts";
import { type ScopeDigest, digestExport } from "./digest-export.ts";
import type { DumpChunk, DumpKind, DumpReader } from "./dump.ts";

/** Records of each kind, the same on both sides. */
export type VerifiedCounts = ReadonlyMap<DumpKind, number>;

/**
 * Compares a store with what another told, scope by scope, by counts and hashes, and reads every
 * body of the target. Bodies that something used in the source only in ways that are not
 * moved (accounts that were removed) may be missing in the target.
 * @throws Refusal `conflict` that names the first scope that differs, and in what.
 */
export async function verifyMove(
  expected: Iterable<ScopeDigest> | AsyncIterable<ScopeDigest>,
  target: DumpReader,
  onChunk: (chunk: DumpChunk) => void,
): Promise<VerifiedCounts> {
  const found = digestExport(target.export({ withBodies: true }), onChunk);
  const counts = new Map<DumpKind, number>();
  const rest = found[Symbol.asyncIterator]();
  for await (const wanted of expected) {
    const next = await rest.next();
    compareScopes(wanted, next.done === true ? undefined : next.value);
    for (const [kind, count] of wanted.counts) {
      const isBody = kind === "body" && next.done !== true;
      const added = isBody ? (next.value.counts.get(kind) ?? 0) : count;
      counts.set(kind, (counts.get(kind) ?? 0) + added);
    }
  }
  const surplus = await rest.next();
  if (surplus.done !== true) throw differs(`the target also has ${surplus.value.scope}`);
  return counts;
}

function compareScopes(wanted: ScopeDigest, found: ScopeDigest | undefined): void {
  if (wanted.scope !== found?.scope) {
    throw differs(`where ${wanted.scope} is expected there is ${found?.scope ?? "nothing"}`);
  }
  for (const kind of new Set([...wanted.counts.keys(), ...found.counts.keys()])) {
    const [ours, theirs] = [wanted.counts.get(kind) ?? 0, found.counts.get(kind) ?? 0];
    const isFine = kind === "body" ? theirs <= ours : theirs === ours;
    if (!isFine) throw differs(`${wanted.scope} has ${ours} × ${kind}, the target ${theirs}`);
  }
  if (wanted.hash !== found.hash) throw differs(`${wanted.scope} is not the same`);
}

function differs(what: string): Refusal {
  return new Refusal(
    "conflict",
    `The target is not equal to the source: ${what}. Empty the target and start again; ` +
      "the source is unchanged.",
  );
}
