import { Refusal } from "../../../base/faults.ts";
import { parseSearch, type SearchArguments } from "../../grammar/search-arguments.ts";
import { usesModSeq } from "../../grammar/search-keys.ts";
import {
  parseSort,
  type AskedCriterion,
  type SortArguments,
} from "../../grammar/sort-arguments.ts";
import { quote } from "../../grammar/strings.ts";
import { defineCommand, selected, type ImapRow } from "../command.ts";
import { withFilters } from "../filters.ts";
import { untagged, type Completion } from "../replies.ts";
import {
  contextsMax,
  contextUidsMax,
  sortedContextRowsMax,
  type SearchContext,
} from "../searching/context.ts";
import { permitCharset, permitSearchCharset } from "../searching/permit-charset.ts";
import { permitRelevancy, runSearch, type Searched } from "../searching/run-search.ts";
import { savedUids, sendResult } from "../searching/send-result.ts";
import type { SelectedState, Session } from "../session.ts";
import { enableCondstore } from "../updates.ts";

const searchCapabilities = [
  "ESEARCH",
  "SEARCHRES",
  "WITHIN",
  "OBJECTID",
  "PARTIAL",
  "SEARCH=FUZZY",
  "CONTEXT=SEARCH",
  "INPROGRESS",
  "FILTERS",
];

export const search: ImapRow = searchRow("SEARCH");
export const uidSearch: ImapRow = searchRow("UID SEARCH");
export const sort: ImapRow = sortRow("SORT");
export const uidSort: ImapRow = sortRow("UID SORT");

/** RFC 9051 §6.4.4, RFC 4731, 5032, 5182, 5267, 5466, 6203, 8474, 9394, 9585. */
function searchRow(verb: "SEARCH" | "UID SEARCH"): ImapRow {
  const isUid = verb === "UID SEARCH";
  return defineCommand<SearchArguments>({
    verb,
    rfc: isUid ? "RFC 9051 §6.4.9" : "RFC 9051 §6.4.4",
    phases: ["selected"],
    capabilities: isUid ? [] : searchCapabilities,
    sequenceNumbers: isUid ? "mayChange" : "kept",
    usesNumbers: !isUid,
    parse: parseSearch,
    permit: (session, { charset, key, returns }) =>
      permitSearchCharset(session, charset, key) ??
      permitUpdate(session, returns) ??
      permitRelevancy(key, returns, []),
    run: (session, args) => answer(session, { args, isUid, verb: "SEARCH", criteria: [] }),
  });
}

/** RFC 5256 §3, with ESORT and CONTEXT (RFC 5267), SORT=DISPLAY (RFC 5957). */
function sortRow(verb: "SORT" | "UID SORT"): ImapRow {
  const isUid = verb === "UID SORT";
  return defineCommand<SortArguments>({
    verb,
    rfc: "RFC 5256 §3",
    phases: ["selected"],
    capabilities: isUid ? [] : ["SORT", "SORT=DISPLAY", "ESORT", "CONTEXT=SORT"],
    sequenceNumbers: isUid ? "mayChange" : "kept",
    usesNumbers: !isUid,
    parse: parseSort,
    permit: (session, { charset, key, returns, criteria }) =>
      permitCharset(charset) ??
      permitUpdate(session, returns) ??
      permitRelevancy(key, returns, criteria),
    run: (session, args) => answer(session, { args, isUid, verb: "SORT", criteria: args.criteria }),
  });
}

/** RFC 5267 §4.3: the tag is how the client knows what an update is of. */
export function permitUpdate(
  { state, tag }: Session,
  returns: SearchArguments["returns"],
): Refusal | undefined {
  const asks = returns?.names.has("UPDATE") === true;
  return asks && state.phase === "selected" && state.contexts.byTag.has(tag ?? "")
    ? new Refusal("syntax", "This tag has updates already (RFC 5267 4.3).")
    : undefined;
}

interface Searching {
  readonly args: SearchArguments;
  readonly isUid: boolean;
  readonly verb: "SEARCH" | "SORT";
  /** None is the order of the mailbox. */
  readonly criteria: readonly AskedCriterion[];
}

async function answer(session: Session, searching: Searching): Promise<Completion> {
  const { args, isUid, verb, criteria } = searching;
  const { returns } = args;
  const state = selected(session);
  const { view, mail } = state;
  const savesResult = returns?.names.has("SAVE") === true;
  try {
    const key = await withFilters(mail, args.key);
    const asksModSeq = usesModSeq(key);
    if (asksModSeq) enableCondstore(session);
    const searched = await runSearch(session, { key, view, state, criteria, returns });
    const { rows, scores } = searched;
    if (savesResult) state.saved = savedUids(view, rows, returns);
    sendResult(session, view, rows, { verb, isUid, returns, asksModSeq, scores });
    if (returns?.names.has("UPDATE") === true) {
      keepContext(session, state, searched, { isUid, items: returns.updateItems });
    }
    return { text: verb === "SORT" ? "Sorted." : "Searched." };
  } catch (error) {
    // RFC 5182 §2.1: a search that fails leaves an empty result.
    if (savesResult) state.saved = [];
    throw error;
  }
}

/** RFC 5267 §4.3, or a refusal of it alone (§4.3.1). */
export function keepContext(
  session: Session,
  state: SelectedState,
  { rows, query, criteria }: Searched,
  { isUid, items }: Pick<SearchContext, "isUid" | "items">,
): void {
  const { contexts, view } = state;
  const tag = session.tag ?? "";
  const { size } = contexts.byTag;
  const kept = contexts.byTag.values().reduce((sum, { uids }) => sum + uids.length, 0);
  const isTooLarge =
    (size > 0 && kept + rows.length > contextUidsMax) ||
    (criteria.length > 0 && rows.length > sortedContextRowsMax);
  if (size >= contextsMax || isTooLarge) {
    untagged(session, `NO [NOUPDATE ${quote(tag)}] Too much to keep up to date.`);
    return;
  }
  if (size === 0) contexts.dirty.clear();
  const uids = Array.from(rows, (row) => view.columns.uids[row] ?? 0);
  contexts.byTag.set(tag, { tag, isUid, query, criteria, items, uids });
}
