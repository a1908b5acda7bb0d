import type { ThreadNode } from "./thread-node.ts";

/**
 * Puts all siblings in order (RFC 5256 §3 REFERENCES, steps 4 and 6): by date, then by place in
 * the mailbox; a place without a message counts as its first child does. `newest` puts the roots
 * in the order of the newest message of each conversation. Without recursion.
 */
export function sortForest(
  roots: readonly ThreadNode[],
  rootsBy: "first" | "newest",
): ThreadNode[] {
  const order: ThreadNode[] = [...roots];
  for (let at = 0; at < order.length; at++) {
    for (const child of order[at]?.children ?? []) order.push(child);
  }
  const newest = new Map<ThreadNode, number>();
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at];
    if (node === undefined) continue;
    if (node.children.length > 1) node.children.sort(compare);
    let atMs = node.message?.atMs ?? -Infinity;
    for (const child of node.children) atMs = Math.max(atMs, newest.get(child) ?? -Infinity);
    newest.set(node, atMs);
  }
  if (rootsBy === "first") return roots.toSorted(compare);
  return roots.toSorted((a, b) => (newest.get(a) ?? 0) - (newest.get(b) ?? 0) || compare(a, b));
}

function compare(a: ThreadNode, b: ThreadNode): number {
  const [left, right] = [a.message ?? a.children[0]?.message, b.message ?? b.children[0]?.message];
  if (left === undefined || right === undefined) return 0;
  return left.atMs - right.atMs || left.row - right.row;
}
