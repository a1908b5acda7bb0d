import type { View } from "../../mailbox/view.ts";

/** What of an account's mail a maildrop offers. */
export interface MaildropChoice {
  /** Name of the mailbox. */
  readonly mailbox: string;
  /** Messages with this keyword are left out: the device that it stands for has them. */
  readonly withoutKeyword?: string;
  /** Messages that came before are left out, milliseconds since 1970. */
  readonly sinceMs?: number;
}

/** Columns of the messages of a maildrop, in order. */
export interface SelectedMessages {
  readonly uids: Uint32Array;
  readonly messageIds: Uint32Array;
  readonly sizes: Float64Array;
}

/** The chosen messages of a mailbox, as they are now. */
export function selectMessages(view: View, choice: MaildropChoice): SelectedMessages {
  const { uids, messageIds, sizes, internalDatesMs } = view.columns;
  const { withoutKeyword, sinceMs } = choice;
  const hasKeyword =
    withoutKeyword === undefined ? () => false : keywordTest(view, withoutKeyword.toLowerCase());
  const rows = view
    .allRows()
    .filter(
      (row) =>
        (sinceMs === undefined || (internalDatesMs[row] ?? 0) >= sinceMs) && !hasKeyword(row),
    );
  return {
    uids: rows.map((row) => uids[row] ?? 0),
    messageIds: rows.map((row) => messageIds[row] ?? 0),
    sizes: Float64Array.from(rows, (row) => sizes[row] ?? 0),
  };
}

/** Looks into each set of keywords once, however many messages have it. */
function keywordTest(view: View, keyword: string): (row: number) => boolean {
  const { keywordSet } = view.columns;
  const known = new Map<number, boolean>();
  return (row) => {
    const set = keywordSet[row] ?? 0;
    const answer = known.get(set);
    if (answer !== undefined) return answer;
    const has = view.flagsOfRow(row).keywords.some((each) => each.toLowerCase() === keyword);
    known.set(set, has);
    return has;
  };
}
