import { flagBits } from "../../../store/mail-changes.ts";
import { Refusal } from "../../../base/faults.ts";
import { modSeq } from "../../../base/ids.ts";
import { parseFetch, type FetchArgs } from "../../grammar/fetch-attributes.ts";
import { sliceOf } from "../../grammar/partial-range.ts";
import { formatRanges } from "../../grammar/sequence-set.ts";
import { planFetch, type FetchPlan } from "../fetch/fetch-plan.ts";
import { sendFetch } from "../fetch/send-fetch.ts";
import { defineCommand, selected, type ImapRow } from "../command.ts";
import { intersect } from "../ranges.ts";
import { untagged, type Completion } from "../replies.ts";
import { rowsOf, uidRangesAsked } from "../rows.ts";
import type { SelectedState, Session } from "../session.ts";
import { enableCondstore, sendUpdates, type KnownChange } from "../updates.ts";

export const fetch: ImapRow = fetchRow("FETCH");
export const uidFetch: ImapRow = fetchRow("UID FETCH");

/** RFC 9051 §6.4.5 and §6.4.9, RFC 3516, 7162 §3.1.4 and §3.2.6, 8474, 8514, 8970. */
function fetchRow(verb: "FETCH" | "UID FETCH"): ImapRow {
  const isUid = verb === "UID FETCH";
  return defineCommand<FetchArgs>({
    verb,
    rfc: isUid ? "RFC 9051 §6.4.9" : "RFC 9051 §6.4.5",
    phases: ["selected"],
    capabilities: isUid ? [] : ["BINARY", "SAVEDATE", "PREVIEW"],
    sequenceNumbers: isUid ? "mayChange" : "kept",
    usesNumbers: !isUid,
    parse: parseFetch,
    permit(session, args) {
      if (args.page !== undefined && !isUid) {
        return new Refusal("syntax", "PARTIAL needs UID FETCH (RFC 9394 3.3).");
      }
      if (!args.wantsVanished) return undefined;
      return isUid && session.hasQresync && args.changedSince !== undefined
        ? undefined
        : new Refusal("syntax", "VANISHED needs UID FETCH, QRESYNC enabled, and CHANGEDSINCE.");
    },
    run: (session, args) => runFetch(session, args, isUid),
  });
}

async function runFetch(session: Session, args: FetchArgs, isUid: boolean): Promise<Completion> {
  const state = selected(session);
  const { changedSince } = args;
  const plan = planFetch(args.items, {
    withUid: isUid && !session.isUidOnly,
    withModSeq: changedSince !== undefined,
  });
  if (plan.simple.includes("MODSEQ")) enableCondstore(session);
  if (args.wantsVanished) await sendVanished(session, state, args);
  const whole = rowsOf(state, args.set, isUid);
  const asked = args.page === undefined ? whole : sliceOf(whole, args.page);
  const { modSeqs } = state.view.columns;
  const rows =
    changedSince === undefined ? asked : asked.filter((row) => (modSeqs[row] ?? 0) > changedSince);
  const known = plan.setsSeen ? await setSeen(state, rows) : undefined;
  const shown = known === undefined ? plan : showingFlags(session, plan);
  const { isIncomplete } = await sendFetch(session, state, rows, shown);
  sendUpdates(session, { expunge: isUid, known });
  return isIncomplete
    ? { text: "Some messages were expunged meanwhile.", code: "EXPUNGEISSUED" }
    : { text: "Fetched." };
}

/** Sets \Seen on what is about to be read, in one batch; undefined when all had it. */
async function setSeen(
  { mail, view, isReadOnly }: SelectedState,
  rows: Uint32Array,
): Promise<KnownChange | undefined> {
  if (isReadOnly) return undefined;
  const { systemFlags, uids } = view.columns;
  const unseen = rows.filter((row) => ((systemFlags[row] ?? 0) & flagBits.seen) === 0);
  if (unseen.length === 0) return undefined;
  const flags = { system: flagBits.seen, keywords: [] };
  const result = await mail.setFlags(view.mailbox.id, view.uidRanges(unseen), "add", flags);
  if (result.modSeq === undefined) return undefined;
  return { uids: new Set(Array.from(unseen, (row) => uids[row] ?? 0)), modSeq: result.modSeq };
}

/** RFC 9051 §6.4.5: flags that the fetch itself changed are part of the answer. */
function showingFlags(session: Session, plan: FetchPlan): FetchPlan {
  const more = session.hasCondstore ? (["FLAGS", "MODSEQ"] as const) : (["FLAGS"] as const);
  return { ...plan, simple: [...new Set([...plan.simple, ...more])] };
}

/** RFC 7162 §3.2.6: UIDs of the set that were expunged since. */
async function sendVanished(
  session: Session,
  state: SelectedState,
  args: FetchArgs,
): Promise<void> {
  const vanished = await state.view.vanishedSince(modSeq(args.changedSince ?? 0));
  const gone = intersect(vanished, uidRangesAsked(state, args.set));
  if (gone.length > 0) untagged(session, `VANISHED (EARLIER) ${formatRanges(gone)}`);
}
