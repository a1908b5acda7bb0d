import { uid as asUid } from "../../../base/ids.ts";
import type { FetchItem } from "../../grammar/fetch-attributes.ts";
import { planFetch } from "../fetch/fetch-plan.ts";
import { sendFetch } from "../fetch/send-fetch.ts";
import type { SelectedState, Session } from "../session.ts";
import { selectedWishes } from "./notify-state.ts";

/**
 * Tells of each new message what NOTIFY or the UPDATE of a search asked for (RFC 5465 §5.2, §7),
 * after EXISTS and ADDTO, in one FETCH. Never sets \Seen.
 */
export async function tellArrived(session: Session): Promise<void> {
  const { state } = session;
  if (state.phase !== "selected" || state.arrived.size === 0) return;
  const arrived = [...state.arrived].sort((a, b) => a - b);
  state.arrived.clear();
  const { items } = selectedWishes(session);
  const groups = new Map<string, { readonly items: FetchItem[]; readonly uids: number[] }>();
  for (const uid of arrived) {
    const asked = itemsFor(state, uid, items);
    if (asked.length === 0) continue;
    const key = JSON.stringify(asked);
    const group = groups.get(key) ?? { items: asked, uids: [] };
    group.uids.push(uid);
    groups.set(key, group);
  }
  for (const group of groups.values()) {
    const rows = state.view.rowsByUid(group.uids.map((uid) => [asUid(uid), asUid(uid)] as const));
    const plan = planFetch(group.items, { withUid: !session.isUidOnly, withModSeq: false });
    await sendFetch(session, state, rows, plan);
  }
}

function itemsFor(
  { contexts }: SelectedState,
  uid: number,
  wished: readonly FetchItem[],
): FetchItem[] {
  const items = new Map(wished.map((item) => [JSON.stringify(item), item]));
  for (const context of contexts.byTag.values()) {
    if (context.items.length === 0 || !context.uids.includes(uid)) continue;
    for (const item of context.items) items.set(JSON.stringify(item), item);
  }
  return [...items.values()];
}
