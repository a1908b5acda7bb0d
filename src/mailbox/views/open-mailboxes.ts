import type { Clock, Timer } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import type { AccountId, MailboxId, ModSeq } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import type { Store } from "../../store/store.ts";
import type { View } from "../view.ts";
import type { MailboxLimits } from "../limits.ts";
import { MailboxView } from "./mailbox-view.ts";
import { OpenMailbox } from "./open-mailbox.ts";

export interface OpenMailboxesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: MailboxLimits;
}

/**
 * The mailboxes in memory: one OpenMailbox each, however many sessions look at it. After its last
 * view a mailbox stays for a while, as long as all of those together are not too many rows.
 */
export class OpenMailboxes {
  readonly #options: OpenMailboxesOptions;
  readonly #byAccount = new Map<AccountId, Map<MailboxId, Promise<OpenMailbox>>>();
  readonly #loaded = new Map<AccountId, Map<MailboxId, OpenMailbox>>();
  /** Those without views, the one left longest ago first. */
  readonly #warm = new Map<OpenMailbox, Timer>();

  constructor(options: OpenMailboxesOptions) {
    this.#options = options;
  }

  /** @throws Refusal `noSuchMailbox`, `unavailable`. */
  async openView(account: AccountId, mailbox: MailboxId): Promise<View> {
    const open = this.find(account, mailbox) ?? (await this.#load(account, mailbox));
    if (open.isGone) {
      if (open.viewCount === 0) this.#forget(open);
      throw new Refusal("noSuchMailbox", "No such mailbox.");
    }
    this.#warm.get(open)?.cancel();
    this.#warm.delete(open);
    return new MailboxView(open, this.#options.store.mail, () => this.#onLeft(open));
  }

  /** The mailbox when it is in memory. */
  find(account: AccountId, mailbox: MailboxId): OpenMailbox | undefined {
    return this.#loaded.get(account)?.get(mailbox);
  }

  /** Resolves when the account's open mailboxes have all changes up to the entry. */
  async reach(account: AccountId, modSeq: ModSeq): Promise<void> {
    for (const open of this.#loaded.get(account)?.values() ?? []) {
      if (open.asOf < modSeq) await open.reach(modSeq);
    }
  }

  close(): void {
    for (const mailboxes of this.#loaded.values()) {
      for (const open of mailboxes.values()) open.dispose();
    }
    for (const timer of this.#warm.values()) timer.cancel();
    this.#loaded.clear();
    this.#byAccount.clear();
    this.#warm.clear();
  }

  /** Loads once for all who ask meanwhile. */
  async #load(account: AccountId, mailbox: MailboxId): Promise<OpenMailbox> {
    const loading = this.#byAccount.get(account)?.get(mailbox);
    if (loading !== undefined) return loading;
    const { store, log } = this.#options;
    const started = OpenMailbox.load({ store, log, account, mailbox });
    put(this.#byAccount, account, mailbox, started);
    try {
      const open = await started;
      put(this.#loaded, account, mailbox, open);
      return open;
    } finally {
      remove(this.#byAccount, account, mailbox);
    }
  }

  #onLeft(open: OpenMailbox): void {
    if (open.viewCount > 0 || this.find(open.account, open.id) !== open) return;
    if (open.isGone) return this.#forget(open);
    const { clock, limits } = this.#options;
    this.#warm.set(
      open,
      clock.after(limits.warmMs, () => this.#forget(open)),
    );
    let rows = 0;
    for (const each of this.#warm.keys()) rows += each.sheet.length;
    for (const oldest of [...this.#warm.keys()]) {
      if (rows <= limits.warmRowsMax) break;
      rows -= oldest.sheet.length;
      this.#forget(oldest);
    }
  }

  #forget(open: OpenMailbox): void {
    this.#warm.get(open)?.cancel();
    this.#warm.delete(open);
    remove(this.#loaded, open.account, open.id);
    open.dispose();
  }
}

type PerMailbox<Value> = Map<AccountId, Map<MailboxId, Value>>;

function put<Value>(map: PerMailbox<Value>, account: AccountId, mailbox: MailboxId, value: Value) {
  const inner = map.get(account) ?? new Map<MailboxId, Value>();
  map.set(account, inner.set(mailbox, value));
}

function remove<Value>(map: PerMailbox<Value>, account: AccountId, mailbox: MailboxId): void {
  const inner = map.get(account);
  inner?.delete(mailbox);
  if (inner?.size === 0) map.delete(account);
}
