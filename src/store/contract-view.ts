import assert from "node:assert/strict";
import { type AccountId, type MailboxId, modSeq } from "../base/ids.ts";
import type { Flags } from "./mail-changes.ts";
import type { Copy, LogEntry } from "./mail.ts";
import type { Store } from "./store.ts";

/** All that can be seen of a mailbox, easy to compare: no numbering of keyword sets. */
export interface MailboxView {
  name: string;
  role: string | undefined;
  annotations: Record<string, string>;
  copies: (Copy & { readonly modSeq: number })[];
}

export type AccountView = ReadonlyMap<MailboxId, MailboxView>;

/** An account's mailboxes as they are read. */
export async function readView(store: Store, account: AccountId): Promise<AccountView> {
  const view = new Map<MailboxId, MailboxView>();
  for (const row of await store.mail.mailboxes(account)) {
    const columns = await store.mail.loadMailbox(account, row.id);
    const copies = Array.from({ length: columns.count }, (_, index) => {
      const at = (column: { readonly [index: number]: number }) => column[index] ?? -1;
      return {
        uid: at(columns.uids),
        message: at(columns.messageIds),
        flags: {
          system: at(columns.systemFlags),
          keywords: columns.keywordSets[at(columns.keywordSet)] ?? [],
        },
        sizeBytes: at(columns.sizes),
        internalDateMs: at(columns.internalDatesMs),
        savedAtMs: at(columns.savedAtMs),
        modSeq: at(columns.modSeqs),
      } as MailboxView["copies"][number]; // the columns hold what a copy holds
    });
    const annotations = { ...row.annotations };
    view.set(row.id, { name: row.name, role: row.role, annotations, copies });
  }
  return view;
}

/** An account's mailboxes as its whole log tells them. */
export async function replayView(store: Store, account: AccountId): Promise<AccountView> {
  const view = new Map<MailboxId, MailboxView>();
  for (const entry of await store.mail.changes(account, modSeq(0))) replay(view, entry);
  return view;
}

function replay(view: Map<MailboxId, MailboxView>, { act, modSeq: number }: LogEntry): void {
  if (act.kind === "subscribed") return;
  if (act.kind === "mailboxCreated") {
    view.set(act.mailbox, { name: act.name, role: act.role, annotations: {}, copies: [] });
    return;
  }
  const mailbox = view.get(act.mailbox);
  assert.ok(mailbox !== undefined, "an act is about a mailbox that exists");
  switch (act.kind) {
    case "added":
      mailbox.copies.push(...act.copies.map((copy) => ({ ...copy, modSeq: number })));
      return;
    case "expunged":
      mailbox.copies = without(mailbox, act.copies);
      return;
    case "flagged":
      for (const { uids, flags } of act.before) assertFlags(mailbox, uids, flags);
      for (const { uids, flags } of act.after) {
        mailbox.copies = mailbox.copies.map((copy) =>
          contains(uids, copy.uid) ? { ...copy, flags, modSeq: number } : copy,
        );
      }
      return;
    case "mailboxRenamed":
      mailbox.name = act.after;
      return;
    case "mailboxDeleted":
      assert.deepEqual(without(mailbox, act.copies), []);
      view.delete(act.mailbox);
      return;
    case "annotated": {
      const { before, after } = act;
      for (const name of Object.keys({ ...before, ...after })) {
        assert.equal(mailbox.annotations[name], before[name]);
        delete mailbox.annotations[name];
      }
      Object.assign(mailbox.annotations, after);
      return;
    }
    case "mailboxRoleSet":
      assert.equal(mailbox.role, act.before);
      mailbox.role = act.after;
      return;
  }
}

/** What is left; the log must have known exactly what went. */
function without({ copies }: MailboxView, gone: readonly Copy[]): MailboxView["copies"] {
  const uids = new Set(gone.map((copy) => copy.uid));
  const left = copies.filter((copy) => uids.has(copy.uid));
  assert.deepEqual(
    left.map(({ modSeq: _modSeq, ...copy }) => copy),
    gone,
  );
  return copies.filter((copy) => !uids.has(copy.uid));
}

function assertFlags(
  mailbox: MailboxView,
  uids: readonly (readonly [number, number])[],
  flags: Flags,
): void {
  for (const copy of mailbox.copies) {
    if (contains(uids, copy.uid)) assert.deepEqual(copy.flags, flags);
  }
}

function contains(ranges: readonly (readonly [number, number])[], wanted: number): boolean {
  return ranges.some(([first, last]) => first <= wanted && wanted <= last);
}
