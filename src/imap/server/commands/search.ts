import { evaluate } from "../../../search/evaluate.ts";
import { sortRows, type SortCriterion } from "../../../search/sort.ts";
import { parseSearch, type SearchArguments } from "../../grammar/search-arguments.ts";
import { usesModSeq } from "../../grammar/search-keys.ts";
import { parseSort, type SortArguments } from "../../grammar/sort-arguments.ts";
import { defineCommand, selected, type ImapRow } from "../command.ts";
import type { Completion } from "../replies.ts";
import { toQuery } from "../search-query.ts";
import { permitCharset, permitSearchCharset } from "../searching/permit-charset.ts";
import { savedUids, sendResult } from "../searching/send-result.ts";
import type { Session } from "../session.ts";
import { enableCondstore } from "../updates.ts";

export const search: ImapRow = searchRow("SEARCH");
export const uidSearch: ImapRow = searchRow("UID SEARCH");
export const sort: ImapRow = sortRow("SORT");
export const uidSort: ImapRow = sortRow("UID SORT");

/** RFC 9051 §6.4.4, with ESEARCH (RFC 4731), SEARCHRES (RFC 5182), WITHIN (RFC 5032). */
function searchRow(verb: "SEARCH" | "UID SEARCH"): ImapRow {
  const isUid = verb === "UID SEARCH";
  return defineCommand<SearchArguments>({
    verb,
    rfc: isUid ? "RFC 9051 §6.4.9" : "RFC 9051 §6.4.4",
    phases: ["selected"],
    capabilities: isUid ? [] : ["ESEARCH", "SEARCHRES", "WITHIN", "OBJECTID", "PARTIAL"],
    sequenceNumbers: isUid ? "mayChange" : "kept",
    usesNumbers: !isUid,
    parse: parseSearch,
    permit: (session, { charset }) => permitSearchCharset(session, charset),
    run: (session, args) => answer(session, { args, isUid, verb: "SEARCH", criteria: [] }),
  });
}

/** RFC 5256 §3, with ESORT (RFC 5267 §3.1) and SORT=DISPLAY (RFC 5957). */
function sortRow(verb: "SORT" | "UID SORT"): ImapRow {
  const isUid = verb === "UID SORT";
  return defineCommand<SortArguments>({
    verb,
    rfc: "RFC 5256 §3",
    phases: ["selected"],
    capabilities: isUid ? [] : ["SORT", "SORT=DISPLAY", "ESORT"],
    sequenceNumbers: isUid ? "mayChange" : "kept",
    usesNumbers: !isUid,
    parse: parseSort,
    permit: (_, { charset }) => permitCharset(charset),
    run: (session, args) => answer(session, { args, isUid, verb: "SORT", criteria: args.criteria }),
  });
}

interface Searching {
  readonly args: SearchArguments;
  readonly isUid: boolean;
  readonly verb: "SEARCH" | "SORT";
  /** None is the order of the mailbox. */
  readonly criteria: readonly SortCriterion[];
}

async function answer(session: Session, searching: Searching): Promise<Completion> {
  const { args, isUid, verb, criteria } = searching;
  const { key, returns } = args;
  const state = selected(session);
  const { view, mail } = state;
  const { clock } = session.services;
  const asksModSeq = usesModSeq(key);
  if (asksModSeq) enableCondstore(session);
  const savesResult = returns?.names.has("SAVE") === true;
  try {
    const query = toQuery(key, session, state);
    const found = await evaluate({ query, rows: view, messages: mail, clock });
    const { columns } = view;
    const rows =
      criteria.length === 0
        ? found
        : await sortRows({ rows: found, criteria, columns, messages: mail, clock });
    if (savesResult) state.saved = savedUids(state, rows, returns);
    sendResult(session, state, rows, { verb, isUid, returns, asksModSeq });
    return { text: verb === "SORT" ? "Sorted." : "Searched." };
  } catch (error) {
    // RFC 5182 §2.1: a search that fails leaves an empty result.
    if (savesResult) state.saved = [];
    throw error;
  }
}
