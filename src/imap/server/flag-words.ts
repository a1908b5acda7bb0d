import type { View } from "../../mailbox/view.ts";
import { formatFlags } from "../grammar/flags.ts";

/**
 * Formats the flags of rows, each combination once: mailboxes have few of them. Good until the
 * view's next sync.
 */
export function flagWords(view: View): (row: number) => string {
  const { systemFlags, keywordSet } = view.columns;
  const known: (string | undefined)[] = [];
  return (row) => {
    const key = ((keywordSet[row] ?? 0) << 5) | ((systemFlags[row] ?? 0) & 31);
    return (known[key] ??= formatFlags(view.flagsOfRow(row)));
  };
}
