import { Refusal } from "../../../base/faults.ts";
import { uid } from "../../../base/ids.ts";
import { evaluate } from "../../../search/evaluate.ts";
import { parseSearch, type SearchArguments } from "../../grammar/search-arguments.ts";
import { usesModSeq } from "../../grammar/search-keys.ts";
import { formatNumbers } from "../../grammar/sequence-set.ts";
import { quote } from "../../grammar/strings.ts";
import { defineCommand, selected, type ImapRow } from "../command.ts";
import { CodedRefusal, untagged, type Completion } from "../replies.ts";
import { toQuery } from "../search-query.ts";
import type { SelectedState, Session } from "../session.ts";
import { enableCondstore } from "../updates.ts";

export const search: ImapRow = searchRow("SEARCH");
export const uidSearch: ImapRow = searchRow("UID SEARCH");

/** RFC 9051 §6.4.4, with ESEARCH (RFC 4731), SEARCHRES (RFC 5182), WITHIN (RFC 5032). */
function searchRow(verb: "SEARCH" | "UID SEARCH"): ImapRow {
  const isUid = verb === "UID SEARCH";
  return defineCommand<SearchArguments>({
    verb,
    rfc: isUid ? "RFC 9051 §6.4.9" : "RFC 9051 §6.4.4",
    phases: ["selected"],
    capabilities: isUid ? [] : ["ESEARCH", "SEARCHRES", "WITHIN", "OBJECTID"],
    sequenceNumbers: isUid ? "mayChange" : "kept",
    parse: parseSearch,
    permit: permitCharset,
    run: (session, args) => answer(session, args, isUid),
  });
}

/** Texts are read as UTF-8, which US-ASCII is too; RFC 9051 §6.4.4 asks for no more. */
function permitCharset(session: Session, { charset }: SearchArguments): Refusal | undefined {
  if (charset === undefined) return undefined;
  if (session.hasUtf8) {
    return new Refusal("syntax", "No CHARSET after UTF8=ACCEPT was enabled (RFC 9755 §3).");
  }
  return charset === "UTF-8" || charset === "US-ASCII"
    ? undefined
    : new CodedRefusal("notPermitted", "BADCHARSET (US-ASCII UTF-8)", "Unknown charset.");
}

async function answer(
  session: Session,
  args: SearchArguments,
  isUid: boolean,
): Promise<Completion> {
  const state = selected(session);
  const asksModSeq = usesModSeq(args.key);
  if (asksModSeq) enableCondstore(session);
  const savesResult = args.returns?.has("SAVE") === true;
  try {
    const { clock } = session.services;
    const { view, mail } = state;
    const query = toQuery(args.key, state, clock.now());
    const rows = await evaluate({ query, rows: view, messages: mail, clock });
    if (savesResult) state.saved = savedUids(state, rows, args);
    sendResult(session, state, rows, { args, isUid, asksModSeq });
    return { text: "Searched." };
  } catch (error) {
    // RFC 5182 §2.1: a search that fails leaves an empty result.
    if (savesResult) state.saved = [];
    throw error;
  }
}

function sendResult(
  session: Session,
  state: SelectedState,
  rows: Uint32Array,
  asked: { readonly args: SearchArguments; readonly isUid: boolean; readonly asksModSeq: boolean },
): void {
  const { view } = state;
  const { returns } = asked.args;
  const numbers = rows.map((row) =>
    asked.isUid ? (view.columns.uids[row] ?? 0) : view.seqOfRow(row),
  );
  if (returns === undefined && !session.hasRev2) {
    const highest = asked.asksModSeq && rows.length > 0 ? highestOf(state, rows) : undefined;
    const modSeq = highest === undefined ? "" : ` (MODSEQ ${highest})`;
    const list = rows.length === 0 ? "" : ` ${numbers.join(" ")}`;
    untagged(session, `SEARCH${list}${modSeq}`);
    return;
  }
  const options = returns ?? new Set(["ALL"]);
  // RFC 5182 §2.1: with SAVE alone there is nothing to tell.
  if (options.size === 1 && options.has("SAVE")) return;
  const words = [`ESEARCH (TAG ${quote(session.tag ?? "")})`];
  if (asked.isUid) words.push("UID");
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first !== undefined && last !== undefined) {
    if (options.has("MIN")) words.push(`MIN ${first}`);
    if (options.has("MAX")) words.push(`MAX ${last}`);
    if (options.has("ALL")) words.push(`ALL ${formatNumbers(numbers)}`);
  }
  if (options.has("COUNT")) words.push(`COUNT ${numbers.length}`);
  if (asked.asksModSeq && rows.length > 0) {
    words.push(`MODSEQ ${highestOf(state, chosenRows(rows, asked.args))}`);
  }
  untagged(session, words.join(" "));
}

/** RFC 4731 §3.2, RFC 5182 §2.1: with MIN or MAX and nothing wider, only those count. */
function chosenRows(rows: Uint32Array, { returns }: SearchArguments): Uint32Array {
  const isWide = returns === undefined || returns.has("ALL") || returns.has("COUNT");
  if (isWide || (!returns.has("MIN") && !returns.has("MAX"))) return rows;
  const ends = [
    ...(returns.has("MIN") ? [rows[0]] : []),
    ...(returns.has("MAX") ? [rows.at(-1)] : []),
  ];
  return Uint32Array.from(new Set(ends.filter((row) => row !== undefined)));
}

function savedUids(state: SelectedState, rows: Uint32Array, args: SearchArguments) {
  const { uids } = state.view.columns;
  return chosenRows(rows, args).map((row) => uid(uids[row] ?? 0));
}

function highestOf({ view }: SelectedState, rows: Uint32Array): number {
  return rows.reduce((highest, row) => Math.max(highest, view.columns.modSeqs[row] ?? 0), 0);
}
