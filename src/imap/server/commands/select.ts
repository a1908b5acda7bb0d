import { Refusal } from "../../../base/faults.ts";
import { modSeq } from "../../../base/ids.ts";
import { flagBits } from "../../../store/mail-changes.ts";
import type { View } from "../../../mailbox/view.ts";
import { systemFlagNames } from "../../grammar/flags.ts";
import { formatRanges } from "../../grammar/sequence-set.ts";
import {
  parseSelect,
  type QresyncArguments,
  type SelectArguments,
} from "../../grammar/select-arguments.ts";
import { defineCommand, loggedIn, loggedInPhases, uidRequired, type ImapRow } from "../command.ts";
import { formatName } from "../names.ts";
import { intersect } from "../ranges.ts";
import { untagged, type Completion } from "../replies.ts";
import { noContexts } from "../searching/context.ts";
import { highestUid } from "../searching/refresh-contexts.ts";
import { closeSelected, type SelectedState, type Session } from "../session.ts";
import { highestModSeq, sendFlags } from "../updates.ts";
import { listAttributes } from "../listing/list-mailboxes.ts";

export const select: ImapRow = selectRow("SELECT");
export const examine: ImapRow = selectRow("EXAMINE");

/** RFC 9051 §6.3.2 and §6.3.3, RFC 7162 §3.1.8 and §3.2.5. */
function selectRow(verb: "SELECT" | "EXAMINE"): ImapRow {
  return defineCommand<SelectArguments>({
    verb,
    rfc: verb === "SELECT" ? "RFC 9051 §6.3.2" : "RFC 9051 §6.3.3",
    phases: loggedInPhases,
    sequenceNumbers: "mayChange",
    parse: parseSelect,
    permit(session, { qresync }) {
      if (qresync?.hasSequenceMatch === true && session.isUidOnly) return uidRequired();
      return qresync !== undefined && !session.hasQresync
        ? new Refusal("syntax", "ENABLE QRESYNC first.")
        : undefined;
    },
    run: (session, args) => runSelect(session, args, verb === "EXAMINE"),
  });
}

async function runSelect(
  session: Session,
  args: SelectArguments,
  isReadOnly: boolean,
): Promise<Completion> {
  // RFC 9051 §6.3.2: the mailbox selected before is closed even when this one cannot be opened.
  if (session.state.phase === "selected") {
    closeSelected(session);
    untagged(session, "OK [CLOSED] The previous mailbox is closed.");
  }
  const { login, mail } = loggedIn(session);
  const { id } = await mail.getMailbox(args.mailbox);
  const view = await mail.openView(id);
  const state: SelectedState = {
    phase: "selected",
    login,
    mail,
    view,
    isReadOnly,
    saved: [],
    contexts: noContexts(),
    uidSeen: highestUid({ view }),
    arrived: new Set(),
    ownUids: new Set(),
  };
  session.state = state;
  if (args.condstore) session.hasCondstore = true;
  sendOverview(session, state);
  if (session.hasRev2) {
    const attributes = listAttributes(view.mailbox, await mail.mailboxes());
    untagged(session, `LIST (${attributes}) "/" ${formatName(session, view.mailbox.name)}`);
  }
  if (args.qresync !== undefined) await resync(session, state, args.qresync);
  return isReadOnly
    ? { text: "Opened for reading.", code: "READ-ONLY" }
    : { text: "Opened.", code: "READ-WRITE" };
}

function sendOverview(session: Session, state: SelectedState): void {
  const { view } = state;
  const { mailbox } = view;
  const keywords = view.keywords();
  const flags = [systemFlagNames, ...keywords].join(" ");
  untagged(session, `FLAGS (${flags})`);
  const permanent = state.isReadOnly ? "" : `${flags} \\*`;
  untagged(session, `OK [PERMANENTFLAGS (${permanent})] Kept.`);
  untagged(session, `${view.count} EXISTS`);
  if (!session.hasRev2) {
    untagged(session, "0 RECENT");
    const unseen = firstUnseen(view);
    if (unseen !== undefined && !session.isUidOnly)
      untagged(session, `OK [UNSEEN ${unseen}] First unseen.`);
  }
  untagged(session, `OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs are valid.`);
  untagged(session, `OK [UIDNEXT ${mailbox.uidNext}] Next UID.`);
  untagged(session, `OK [HIGHESTMODSEQ ${highestModSeq(state)}] Highest.`);
  untagged(session, `OK [MAILBOXID (F${mailbox.id})] Object id.`);
}

/** RFC 3501 §7.1 UNSEEN: the first message without \Seen. */
function firstUnseen(view: View): number | undefined {
  const { systemFlags } = view.columns;
  for (const row of view.allRows()) {
    if (((systemFlags[row] ?? 0) & flagBits.seen) === 0) return view.seqOfRow(row);
  }
  return undefined;
}

/**
 * RFC 7162 §3.2.5: what the client has missed. The sequence match data is not needed, because the
 * log knows what was expunged since any mod-sequence.
 */
async function resync(
  session: Session,
  state: SelectedState,
  { uidValidity, since, knownUids }: QresyncArguments,
): Promise<void> {
  const { view } = state;
  if (uidValidity !== view.mailbox.uidValidity) return;
  const vanished = await view.vanishedSince(modSeq(since));
  const gone = knownUids === undefined ? vanished : intersect(vanished, knownUids);
  if (gone.length > 0) untagged(session, `VANISHED (EARLIER) ${formatRanges(gone)}`);
  const { modSeqs } = view.columns;
  const rows = knownUids === undefined ? view.allRows() : view.rowsByUid(knownUids);
  sendFlags(
    session,
    state,
    rows.filter((row) => (modSeqs[row] ?? 0) > since),
  );
}
