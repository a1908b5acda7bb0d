import type { SequenceSet } from "../../grammar/sequence-set.ts";
import { parseSequenceSet } from "../../grammar/sequence-set.ts";
import { defineCommand, parseNothing, permitChange, selected } from "../command.ts";
import { rowsOf } from "../rows.ts";
import { closeSelected, type SelectedState, type Session } from "../session.ts";
import type { Completion } from "../replies.ts";

export const close = defineCommand({
  verb: "CLOSE",
  rfc: "RFC 9051 §6.4.1",
  phases: ["selected"],
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  async run(session) {
    const state = selected(session);
    if (!state.isReadOnly) await expungeDeleted(state, undefined);
    closeSelected(session);
    return { text: "Closed." };
  },
});

/** First an extension (RFC 3691 §2). */
export const unselect = defineCommand({
  verb: "UNSELECT",
  rfc: "RFC 9051 §6.4.2",
  phases: ["selected"],
  capabilities: ["UNSELECT"],
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  run(session) {
    closeSelected(session);
    return { text: "Closed, nothing expunged." };
  },
});

/** Of RFC 3501 only; everything is on disk anyway before it is acknowledged. */
export const check = defineCommand({
  verb: "CHECK",
  rfc: "RFC 3501 §6.4.1",
  phases: ["selected"],
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  run: () => ({ text: "All is kept." }),
});

export const expunge = defineCommand({
  verb: "EXPUNGE",
  rfc: "RFC 9051 §6.4.3",
  phases: ["selected"],
  sequenceNumbers: "mayChange",
  expunges: true,
  parse: parseNothing,
  permit: permitChange,
  async run(session) {
    await expungeDeleted(selected(session), undefined);
    return expunged(session);
  },
});

/** First an extension (RFC 4315 §2.1). */
export const uidExpunge = defineCommand<SequenceSet>({
  verb: "UID EXPUNGE",
  rfc: "RFC 9051 §6.4.9",
  phases: ["selected"],
  capabilities: ["UIDPLUS"],
  sequenceNumbers: "mayChange",
  expunges: true,
  parse(scanner) {
    const set = parseSequenceSet(scanner);
    scanner.end();
    return set;
  },
  permit: permitChange,
  async run(session, set) {
    await expungeDeleted(selected(session), set);
    return expunged(session);
  },
});

async function expungeDeleted(state: SelectedState, set: SequenceSet | undefined): Promise<void> {
  const { mail, view } = state;
  const rows = set === undefined ? view.allRows() : rowsOf(state, set, true);
  if (rows.length > 0) await mail.expunge(view.mailbox.id, view.uidRanges(rows), true);
}

/** RFC 7162 §3.1.2.2: the client may take this as its new highest mod-sequence. */
function expunged(session: Session): Completion {
  const text = "Expunged.";
  if (!session.hasCondstore) return { text };
  return { text, code: () => `HIGHESTMODSEQ ${selected(session).view.asOf}` };
}
