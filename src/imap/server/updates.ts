import type { View } from "../../mailbox/view.ts";
import { formatRanges } from "../grammar/sequence-set.ts";
import { flagWords } from "./flag-words.ts";
import { say, untagged } from "./replies.ts";
import { selectedWishes } from "./notifying/notify-state.ts";
import { noteChanges, tellRemoved } from "./searching/refresh-contexts.ts";
import type { SelectedState, Session } from "./session.ts";

/** Flag changes that the client knows of already, because they are its own. */
export interface KnownChange {
  readonly uids: ReadonlySet<number>;
  readonly modSeq: number;
}

/**
 * Tells the client what happened in the selected mailbox since the last time: expunges (only where
 * allowed), the new count, changed flags (RFC 9051 §7.5, RFC 7162 §3.2.10).
 */
export function sendUpdates(
  session: Session,
  options: {
    readonly expunge: boolean;
    readonly known?: KnownChange | undefined;
    /** The command at hand expunges: its answer is what is told here. */
    readonly isOwnAct?: boolean;
  },
): void {
  const { state } = session;
  if (state.phase !== "selected") return;
  const wishes = selectedWishes(session);
  // RFC 5465 §3.1: who asked for no news of the mailbox gets none but what a command did itself.
  if (wishes.isSilent && options.isOwnAct !== true) return;
  const { view } = state;
  const changes = view.sync({ expunge: options.expunge });
  tellRemoved(session, state, changes);
  noteChanges(session, state, changes);
  if (changes.expungedSeqs.length > 0) {
    if (session.hasQresync || session.isUidOnly)
      untagged(session, `VANISHED ${formatRanges(changes.expungedUids)}`);
    else sendExpunges(session, changes.expungedSeqs);
  }
  if (changes.exists !== undefined) untagged(session, `${changes.exists} EXISTS`);
  if (changes.flaggedRows.length > 0 && wishes.wantsFlags) {
    const { known } = options;
    const { uids, modSeqs } = view.columns;
    const rows = changes.flaggedRows.filter(
      (row) =>
        known === undefined || modSeqs[row] !== known.modSeq || !known.uids.has(uids[row] ?? 0),
    );
    sendFlags(session, state, rows);
  }
}

function sendExpunges(session: Session, seqs: readonly number[]): void {
  let text = "";
  for (const seq of seqs) text += `* ${seq} EXPUNGE\r\n`;
  say(session, text);
}

/** Untagged FETCH with the flags of rows; with UID and MODSEQ where the client wants them. */
export function sendFlags(
  session: Session,
  { view }: SelectedState,
  rows: ArrayLike<number>,
  options: { readonly withUid?: boolean; readonly onlyModSeq?: boolean } = {},
): void {
  const words = flagWords(view);
  const { uids, modSeqs } = view.columns;
  const withUid =
    !session.isUidOnly && (options.withUid === true || session.hasQresync || session.hasRev2);
  const label = fetchLabel(session, view);
  let text = "";
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0;
    const uid = withUid ? `UID ${uids[row]} ` : "";
    const flags = options.onlyModSeq === true ? "" : `FLAGS (${words(row)})`;
    const modSeq = session.hasCondstore ? `MODSEQ (${modSeqs[row]})` : "";
    const space = flags !== "" && modSeq !== "" ? " " : "";
    text += `* ${label(row)} (${uid}${flags}${space}${modSeq})\r\n`;
    if (text.length > 32 * 1024) {
      say(session, text);
      text = "";
    }
  }
  if (text !== "") say(session, text);
}

/** What an untagged FETCH begins with: a sequence number, or with UIDONLY a UID (RFC 9586 §3.3). */
export function fetchLabel(session: Session, view: View): (row: number) => string {
  const { uids } = view.columns;
  return session.isUidOnly
    ? (row) => `${uids[row]} UIDFETCH`
    : (row) => `${view.seqOfRow(row)} FETCH`;
}

/** Turns CONDSTORE on, and says from where the client starts (RFC 7162 §3.1.2.1). */
export function enableCondstore(session: Session): void {
  if (session.hasCondstore) return;
  session.hasCondstore = true;
  if (session.state.phase === "selected") {
    untagged(session, `OK [HIGHESTMODSEQ ${highestModSeq(session.state)}] CONDSTORE is on.`);
  }
}

/** RFC 7162 §3.1.2.1: never 0, although an untouched mailbox has no change yet. */
export function highestModSeq({ view }: Pick<SelectedState, "view">): number {
  return Math.max(1, view.mailbox.modSeq);
}
