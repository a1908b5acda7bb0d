import { Refusal } from "../../../base/faults.ts";
import type { View } from "../../../mailbox/view.ts";
import type { MailboxRow } from "../../../store/mail.ts";
import { parseMultiSearch, type MultiSearchArguments } from "../../grammar/search-arguments.ts";
import { usesModSeq } from "../../grammar/search-keys.ts";
import { defineCommand, loggedIn, loggedInPhases } from "../command.ts";
import { withFilters } from "../filters.ts";
import { mailboxTest } from "../mailbox-filter.ts";
import { formatName } from "../names.ts";
import type { Completion } from "../replies.ts";
import { permitSearchCharset } from "../searching/permit-charset.ts";
import { permitRelevancy, runSearch } from "../searching/run-search.ts";
import { savedUids, sendResult } from "../searching/send-result.ts";
import type { SelectedState, Session } from "../session.ts";
import { enableCondstore } from "../updates.ts";
import { keepContext, permitUpdate } from "./search.ts";

/** RFC 7377 §2: a search of many mailboxes, whichever is selected. */
export const multiSearch = defineCommand<MultiSearchArguments>({
  verb: "ESEARCH",
  rfc: "RFC 7377 §2",
  phases: loggedInPhases,
  capabilities: ["MULTISEARCH"],
  sequenceNumbers: "mayChange",
  parse: parseMultiSearch,
  permit(session, args) {
    return (
      permitSearchCharset(session, args.charset, args.key) ??
      permitSources(session, args) ??
      permitUpdate(session, args.returns) ??
      permitRelevancy(args.key, args.returns, [])
    );
  },
  run: runMultiSearch,
});

/** RFC 7377 §2.2. */
function permitSources({ state }: Session, args: MultiSearchArguments): Refusal | undefined {
  const isSelected = state.phase === "selected";
  if (!isSelected && args.sources.some(({ kind }) => kind === "selected")) {
    return new Refusal("badState", "No mailbox is selected.");
  }
  const names = args.returns?.names;
  const isOnlySelected = args.sources.every(({ kind }) => kind === "selected");
  if (names?.has("SAVE") === true && !isOnlySelected) {
    return new Refusal("syntax", "SAVE is for the selected mailbox only (RFC 7377 2.2).");
  }
  return names?.has("UPDATE") === true && !isSelected
    ? new Refusal("syntax", "UPDATE is for the selected mailbox only (RFC 7377 2.2).")
    : undefined;
}

async function runMultiSearch(session: Session, args: MultiSearchArguments): Promise<Completion> {
  const { mail, ...rest } = loggedIn(session);
  const state = session.state.phase === "selected" ? session.state : undefined;
  const key = await withFilters(mail, args.key);
  if (usesModSeq(key)) enableCondstore(session);
  const savesResult = args.returns?.names.has("SAVE") === true && state !== undefined;
  // RFC 5182 §2.1: a search that fails leaves an empty result.
  if (savesResult) state.saved = [];
  const asked = { ...args, key };
  const isChosen = await mailboxTest(mail, args.sources);
  const wantsSelected = args.sources.some(({ kind }) => kind === "selected");
  const selectedId = "view" in rest ? rest.view.mailbox.id : undefined;
  for (const row of await mail.mailboxes()) {
    if (row.id === selectedId && state !== undefined) {
      if (wantsSelected || isChosen(row)) await searchOne(session, asked, row, state.view, state);
    } else if (isChosen(row)) {
      const view = await mail.openView(row.id);
      try {
        await searchOne(session, asked, row, view, undefined);
      } finally {
        view.close();
      }
    }
  }
  return { text: "Searched." };
}

async function searchOne(
  session: Session,
  { key, returns }: MultiSearchArguments,
  row: MailboxRow,
  view: View,
  state: SelectedState | undefined,
): Promise<void> {
  const searched = await runSearch(session, { key, view, state, criteria: [], returns });
  const { rows, scores } = searched;
  if (state !== undefined && returns?.names.has("SAVE") === true) {
    state.saved = savedUids(view, rows, returns);
  }
  if (state !== undefined && returns?.names.has("UPDATE") === true) {
    keepContext(session, state, searched, { isUid: true, items: returns.updateItems });
  }
  // RFC 7377 §2.1: nothing at all of mailboxes without a match.
  if (rows.length === 0) return;
  const origin = ` MAILBOX ${formatName(session, row.name)} UIDVALIDITY ${row.uidValidity}`;
  const asksModSeq = usesModSeq(key);
  sendResult(session, view, rows, {
    verb: "SEARCH",
    isUid: true,
    returns,
    asksModSeq,
    scores,
    origin,
  });
  await session.wire.flush();
}
