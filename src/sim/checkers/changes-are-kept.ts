import type { FlagWish } from "../world/ledger.ts";
import type { Checker, FinishedWorld } from "./checker.ts";
import { comparable, flagNames } from "./flag-names.ts";

/** What clients were told about flags, copies, moves and expunges is in the log. */
export const changesAreKept: Checker = {
  name: "acknowledged changes are kept",
  *check(world) {
    for (const wish of world.ledger.flagWishes) yield* checkFlags(world, wish);
    for (const { account, from, to, isMove, fromUids, toUids } of world.ledger.copyings) {
      for (const [at, uid] of fromUids.entries()) {
        const source = findEver(world, account, from, uid);
        const copy = findEver(world, account, to, toUids[at] ?? 0);
        const what = `${account}: UID ${uid} of ${from} ${isMove ? "moved" : "copied"} to ${to}`;
        if (copy === undefined) yield `${what} is not there`;
        else if (source !== copy) yield `${what} is another message`;
        if (isMove && isThere(world, account, from, uid)) yield `${what} is still in ${from}`;
      }
    }
    for (const key of world.ledger.expunged) {
      const [account = "", mailbox = "", uid] = key.split(" ");
      if (isThere(world, account, mailbox, Number(uid))) yield `${key} was expunged and is there`;
    }
    for (const key of world.ledger.popRemoved) {
      const [account = "", uid] = key.split(" ");
      if (isThere(world, account, "INBOX", Number(uid))) yield `${key} was removed and is there`;
    }
  },
};

function* checkFlags(world: FinishedWorld, wish: FlagWish): Iterable<string> {
  const { account, mailbox, uid, mode, flags, unchangedSince, answer } = wish;
  if (answer === undefined) return;
  const what = `${account}: UID ${uid} of ${mailbox} ${mode}FLAGS (${flags.join(" ")})`;
  const states = statesOf(world, wish).filter(({ modSeq }) => modSeq <= answer.modSeq);
  const told = states.find(({ modSeq }) => modSeq === answer.modSeq);
  if (told === undefined) {
    yield `${what}: the log has no such message at ${answer.modSeq}`;
    return;
  }
  if (told.names.join(" ") !== comparable(answer.flags).join(" ")) {
    yield `${what}: told (${answer.flags.join(" ")}), logged (${told.names.join(" ")})`;
  }
  // Others may have changed the flags since, but they were as asked at some time after the wish.
  const lastBefore = states.findLastIndex(({ atMs }) => atMs < wish.startedAtMs);
  const since = states.slice(Math.max(0, lastBefore));
  const done = since.filter((state) => isAsAsked(state.names, mode, comparable(flags)));
  if (done.length === 0) yield `${what}: acknowledged, but they are (${told.names.join(" ")})`;
  if (unchangedSince === undefined || done.length === 0) return;
  const isAllowed = done.some((state) => {
    const before = states[states.indexOf(state) - 1];
    return state.modSeq <= unchangedSince || (before?.modSeq ?? 0) <= unchangedSince;
  });
  if (!isAllowed) yield `${what}: done in spite of UNCHANGEDSINCE ${unchangedSince}`;
}

function isAsAsked(names: readonly string[], mode: FlagWish["mode"], wanted: readonly string[]) {
  if (mode === "+") return wanted.every((flag) => names.includes(flag));
  if (mode === "-") return wanted.every((flag) => !names.includes(flag));
  return names.join(" ") === wanted.join(" ");
}

interface FlagState {
  readonly modSeq: number;
  readonly atMs: number;
  readonly names: readonly string[];
}

/** The flags that a message has had, in order. */
function statesOf({ stored }: FinishedWorld, wish: FlagWish): readonly FlagState[] {
  const own = stored.accounts.find(({ address }) => address === wish.account);
  const states: FlagState[] = [];
  for (const { act, modSeq, atMs } of own?.log ?? []) {
    if (act.kind !== "added" && act.kind !== "flagged") continue;
    if (own?.mailboxNames.get(act.mailbox) !== wish.mailbox) continue;
    const flags =
      act.kind === "added"
        ? act.copies.find(({ uid }) => uid === wish.uid)?.flags
        : act.after.find(({ uids }) =>
            uids.some(([first, last]) => first <= wish.uid && wish.uid <= last),
          )?.flags;
    if (flags !== undefined) states.push({ modSeq, atMs, names: flagNames(flags) });
  }
  return states;
}

/** The message number that a UID has or had. */
function findEver(
  { stored }: FinishedWorld,
  account: string,
  mailbox: string,
  uid: number,
): number | undefined {
  const own = stored.accounts.find(({ address }) => address === account);
  for (const { act } of own?.log ?? []) {
    if (act.kind !== "added" || own?.mailboxNames.get(act.mailbox) !== mailbox) continue;
    const copy = act.copies.find((each) => each.uid === uid);
    if (copy !== undefined) return copy.message;
  }
  return undefined;
}

function isThere({ stored }: FinishedWorld, account: string, mailbox: string, uid: number) {
  const own = stored.accounts.find(({ address }) => address === account);
  const rows = [...(own?.data.mailboxes.values() ?? [])];
  const copies = rows.find(({ row }) => row.name === mailbox)?.copies ?? [];
  return copies.some((copy) => copy.uid === uid);
}
