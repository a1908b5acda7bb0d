import { Refusal } from "../../../base/faults.ts";
import { seqNo, uid as asUid, type Uid } from "../../../base/ids.ts";
import { formatNumbers } from "../../grammar/sequence-set.ts";
import {
  parseAppend,
  parseReplace,
  type AppendArguments,
  type ReplaceArguments,
} from "../../grammar/append-arguments.ts";
import { toAppendItems } from "../appending.ts";
import {
  defineCommand,
  loggedIn,
  loggedInPhases,
  permitChange,
  selected,
  type ImapRow,
} from "../command.ts";
import { untagged, type Completion } from "../replies.ts";
import { noteOwn, type SelectedState, type Session } from "../session.ts";
import { findTarget } from "./copying.ts";

/**
 * RFC 9051 §6.3.12; several messages at once come in all or not at all (RFC 3502), and may be
 * put together from what is here already (RFC 4469).
 */
export const append = defineCommand<AppendArguments>({
  verb: "APPEND",
  rfc: "RFC 9051 §6.3.12",
  phases: loggedInPhases,
  capabilities: ["MULTIAPPEND", "CATENATE"],
  sequenceNumbers: "mayChange",
  parse: parseAppend,
  async run(session, { mailbox, items }) {
    const { mail } = loggedIn(session);
    const target = await findTarget(mail, mailbox);
    const added = await mail.append(target.id, await toAppendItems(session, items));
    const { state } = session;
    if (state.phase === "selected" && state.view.mailbox.id === target.id) {
      noteOwn(
        state,
        added.map((result) => result.uid),
      );
    }
    const uids = formatNumbers(added.map((result) => result.uid));
    const uidValidity = added[0]?.uidValidity ?? target.uidValidity;
    return { text: "Kept.", code: `APPENDUID ${uidValidity} ${uids}` };
  },
});

export const replace: ImapRow = replaceRow("REPLACE");
export const uidReplace: ImapRow = replaceRow("UID REPLACE");

/** RFC 8508 §3: a message takes the place of another, in one act. */
function replaceRow(verb: "REPLACE" | "UID REPLACE"): ImapRow {
  const isUid = verb === "UID REPLACE";
  return defineCommand<ReplaceArguments>({
    verb,
    rfc: isUid ? "RFC 8508 §3.3" : "RFC 8508 §3.2",
    phases: ["selected"],
    capabilities: isUid ? [] : ["REPLACE"],
    sequenceNumbers: "mayChange",
    usesNumbers: !isUid,
    expunges: true,
    parse: parseReplace,
    permit: permitChange,
    run: (session, args) => runReplace(session, args, isUid),
  });
}

async function runReplace(
  session: Session,
  { number, mailbox, item }: ReplaceArguments,
  isUid: boolean,
): Promise<Completion> {
  const state = selected(session);
  const { mail, view } = state;
  const old = uidToReplace(state, number, isUid);
  const target = await findTarget(mail, mailbox);
  const [read] = await toAppendItems(session, [item]);
  if (read === undefined) throw new Refusal("syntax", "There is no message.");
  const added = await mail.replace(view.mailbox.id, old, target.id, read);
  if (target.id === view.mailbox.id) noteOwn(state, [added.uid]);
  // RFC 8508 §4.3: told before the EXPUNGE of what it replaces.
  untagged(session, `OK [APPENDUID ${added.uidValidity} ${added.uid}] The new message is kept.`);
  const text = "Replaced.";
  if (!session.hasCondstore) return { text };
  return { text, code: () => `HIGHESTMODSEQ ${view.asOf}` };
}

function uidToReplace({ view }: SelectedState, number: number, isUid: boolean): Uid {
  const seq = number === Infinity ? view.count : number;
  const row =
    isUid && number !== Infinity ? view.rowOfUid(asUid(number)) : view.rowOfSeq(seqNo(seq));
  if (row === undefined) {
    throw isUid
      ? new Refusal("noSuchMessage", "There is no message with that UID.")
      : new Refusal("syntax", "There is no message with that sequence number.");
  }
  return asUid(view.columns.uids[row] ?? 0);
}
