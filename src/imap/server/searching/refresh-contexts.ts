import { seqNo, uid as asUid, type Uid } from "../../../base/ids.ts";
import { lowerBound } from "../../../mailbox/uid-ranges.ts";
import { evaluate } from "../../../search/evaluate.ts";
import { sortRows } from "../../../search/sort.ts";
import type { ViewChanges } from "../../../mailbox/view.ts";
import { formatNumbers } from "../../grammar/sequence-set.ts";
import { quote } from "../../grammar/strings.ts";
import { untagged } from "../replies.ts";
import type { SelectedState, Session } from "../session.ts";
import { membership, type SearchContext } from "./context.ts";

/**
 * Takes expunged messages out of the results. Sent before the expunges themselves, while their
 * sequence numbers still hold (RFC 5267 §4.3.4).
 */
export function tellRemoved(session: Session, state: SelectedState, changes: ViewChanges): void {
  const { byTag, dirty } = state.contexts;
  if (byTag.size === 0 || changes.expungedSeqs.length === 0) return;
  const seqOf = new Map<number, number>();
  let at = changes.expungedSeqs.length - 1;
  for (const [first, last] of changes.expungedUids) {
    for (let number: number = first; number <= last && at >= 0; number++) {
      seqOf.set(number, changes.expungedSeqs[at--] ?? 0);
      dirty.delete(number);
    }
  }
  for (const context of byTag.values()) {
    const isIn = membership(context);
    if (!seqOf.keys().some(isIn)) continue;
    const number = (uid: number) => (context.isUid ? uid : (seqOf.get(uid) ?? 0));
    tell(
      session,
      context,
      "REMOVEFROM",
      removals(context, (uid) => seqOf.has(uid), number),
    );
  }
}

/** Notes what the client has just been told of, for `refreshContexts` and `tellArrived`. */
export function noteChanges(
  session: Session,
  state: SelectedState,
  changes: Pick<ViewChanges, "flaggedRows" | "exists">,
): void {
  const { contexts, view, arrived } = state;
  const { uids } = view.columns;
  const hasContexts = contexts.byTag.size > 0;
  if (hasContexts) for (const row of changes.flaggedRows) contexts.dirty.add(uids[row] ?? 0);
  if (changes.exists === undefined) return;
  const newest = highestUid(state);
  if (hasContexts || session.notifier !== undefined) {
    for (const row of view.rowsByUid([[asUid(state.uidSeen + 1), newest]])) {
      const uid = uids[row] ?? 0;
      if (hasContexts) contexts.dirty.add(uid);
      if (!state.ownUids.delete(uid)) arrived.add(uid);
    }
  }
  state.uidSeen = newest;
}

/** The last UID that the session sees, 0 in an empty mailbox. */
export function highestUid({ view }: Pick<SelectedState, "view">): Uid {
  const row = view.rowOfSeq(seqNo(view.count));
  return asUid(row === undefined ? 0 : (view.columns.uids[row] ?? 0));
}

/** Looks at what has changed and tells how the results did (RFC 5267 §4.3). */
export async function refreshContexts(session: Session): Promise<void> {
  const { state } = session;
  if (state.phase !== "selected" || state.contexts.dirty.size === 0) return;
  const { byTag, dirty } = state.contexts;
  const changed = [...dirty].sort((a, b) => a - b);
  dirty.clear();
  try {
    for (const context of byTag.values()) await refresh(session, state, context, changed);
  } catch (error) {
    // What was told already stays told, and what was not is looked at again.
    for (const uid of changed) dirty.add(uid);
    throw error;
  }
}

async function refresh(
  session: Session,
  state: SelectedState,
  context: SearchContext,
  changed: readonly number[],
): Promise<void> {
  const { view, mail } = state;
  const { clock } = session.services;
  const ranges = changed.map((uid) => [uid, uid] as const);
  const query = { kind: "and", queries: [{ kind: "uids", ranges }, context.query] } as const;
  const rows = await evaluate({ query, rows: view, messages: mail, clock });
  const matching = new Set(Array.from(rows, (row) => view.columns.uids[row] ?? 0));
  const isIn = membership(context);
  const gone = new Set(changed.filter((uid) => isIn(uid) && !matching.has(uid)));
  const added = changed.filter((uid) => !isIn(uid) && matching.has(uid));
  const number = (uid: number) => {
    const row = context.isUid ? undefined : view.rowOfUid(asUid(uid));
    return context.isUid ? uid : row === undefined ? 0 : view.seqOfRow(row);
  };
  if (gone.size > 0) {
    const pairs = removals(context, (uid) => gone.has(uid), number);
    tell(session, context, "REMOVEFROM", pairs);
  }
  if (added.length > 0) {
    tell(session, context, "ADDTO", await additions(session, state, context, added, number));
  }
}

/** Removes from the result, and gives the pairs that tell so; from the end, so that places hold. */
function removals(
  context: SearchContext,
  isGone: (uid: number) => boolean,
  number: (uid: number) => number,
): string[] {
  const { uids, criteria } = context;
  const gone = uids.filter(isGone);
  if (gone.length === 0) return [];
  const pairs: string[] = [];
  if (criteria.length === 0) pairs.push(`0 ${formatNumbers(gone.map(number))}`);
  else {
    for (let place = uids.length; place >= 1; place--) {
      const uid = uids[place - 1] ?? 0;
      if (isGone(uid)) pairs.push(`${place} ${number(uid)}`);
    }
  }
  context.uids = uids.filter((uid) => !isGone(uid));
  return pairs;
}

async function additions(
  session: Session,
  { view, mail }: SelectedState,
  context: SearchContext,
  added: readonly number[],
  number: (uid: number) => number,
): Promise<string[]> {
  const { criteria } = context;
  if (criteria.length === 0) {
    context.uids = merged(context.uids, added);
    return [`0 ${formatNumbers(added.map(number))}`];
  }
  const all = [...context.uids, ...added].sort((a, b) => a - b);
  const rows = view.rowsByUid(all.map((uid) => [asUid(uid), asUid(uid)] as const));
  const { columns } = view;
  const { clock } = session.services;
  const sorted = await sortRows({ rows, criteria, columns, messages: mail, clock });
  context.uids = Array.from(sorted, (row) => columns.uids[row] ?? 0);
  const isAdded = new Set(added);
  const pairs: string[] = [];
  for (let place = 0; place < context.uids.length; place++) {
    const run: number[] = [];
    for (let uid = context.uids[place]; uid !== undefined && isAdded.has(uid);) {
      run.push(number(uid));
      uid = context.uids[place + run.length];
    }
    if (run.length === 0) continue;
    pairs.push(`${place + 1} ${formatNumbers(run)}`);
    place += run.length - 1;
  }
  return pairs;
}

/** Two rising lists as one. New messages come last, so that most often this only appends. */
function merged(uids: readonly number[], added: readonly number[]): number[] {
  const place = lowerBound(uids, added[0] ?? 0);
  const tail = [...uids.slice(place), ...added].sort((a, b) => a - b);
  return uids.slice(0, place).concat(tail);
}

function tell(
  session: Session,
  context: SearchContext,
  what: "ADDTO" | "REMOVEFROM",
  pairs: readonly string[],
): void {
  if (pairs.length === 0) return;
  const uid = context.isUid ? " UID" : "";
  untagged(session, `ESEARCH (TAG ${quote(context.tag)})${uid} ${what} (${pairs.join(" ")})`);
}
