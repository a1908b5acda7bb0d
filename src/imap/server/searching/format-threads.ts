import type { ThreadNode } from "../../../search/thread.ts";

/**
 * RFC 5256 §4 THREAD: a message and its only answer stand side by side, several answers in
 * parentheses each. Without recursion: a conversation may be as deep as it likes.
 */
export function formatThreads(
  roots: readonly ThreadNode[],
  numberOf: (row: number) => number,
): string {
  const pieces: string[] = [];
  /** What is still to be written, the next one last; text stands for itself. */
  const waiting: (ThreadNode | string)[] = [];
  const openAll = (nodes: readonly ThreadNode[]) => {
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at];
      if (node !== undefined) waiting.push(")", node, "(");
    }
  };
  openAll(roots);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === "string") {
      pieces.push(next);
      continue;
    }
    const { message, children } = next;
    if (message !== undefined) pieces.push(String(numberOf(message.row)));
    if (message !== undefined && children.length > 0) pieces.push(" ");
    const [only] = children;
    if (children.length === 1 && only !== undefined) waiting.push(only);
    else openAll(children);
  }
  return pieces.join("");
}
