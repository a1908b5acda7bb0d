import { assert } from "../../base/assert.ts";
import { concat } from "../../base/bytes.ts";
import type { Clock } from "../../base/clock.ts";
import { Refusal } from "../../base/faults.ts";
import { uid as asUid } from "../../base/ids.ts";
import type { AccountId, MailboxId, MessageId, ModSeq, Uid } from "../../base/ids.ts";
import type { Applied, Change, ChangeResult } from "../../store/batch.ts";
import type { MailboxRole } from "../../store/directory.ts";
import type {
  AccountState,
  LogEntry,
  MailboxRow,
  MessageBody,
  MessageFields,
} from "../../store/mail.ts";
import type { Flags, FlagsMode, MessageFacts, UidRange } from "../../store/mail-changes.ts";
import type { Store } from "../../store/store.ts";
import type { AccountMail, AnnotationChange, AppendItem, ResultOf } from "../account-mail.ts";
import { annotationsIn, storedName } from "../annotations.ts";
import { normaliseFlags } from "../flags.ts";
import type { MailboxLimits } from "../limits.ts";
import { INBOX, isBelow, newMailboxName, normaliseMailboxName } from "../names.ts";
import type { View } from "../view.ts";
import type { OpenMailboxes } from "../views/open-mailboxes.ts";
import { AccountWatch } from "./account-watch.ts";
import { readBody, streamBody } from "./body-reader.ts";
import { missingNames, planRename } from "./tree.ts";

export interface AccountMailParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: MailboxLimits;
  readonly digest: (bytes: Uint8Array, internalDateMs: number) => MessageFacts;
  readonly open: OpenMailboxes;
  /** Told after mail was put in, so that the owner of a full account is warned. */
  readonly onAdded: (account: AccountId) => Promise<void>;
}

/** Own entries that are known as such: enough for those that are being read. */
const ownNumbersMax = 1000;

const everyUid: readonly UidRange[] = [[asUid(1), asUid(4_294_967_295)]];

/** An account's mail over the store: each act is one batch, and resolves when views can show it. */
export class StoredAccountMail implements AccountMail {
  readonly account: AccountId;
  readonly #actor: string;
  readonly #parts: AccountMailParts;
  #watchCount = 0;
  /** Newest entries of the log that this object wrote, while someone watches. */
  readonly #ownNumbers = new Set<number>();
  readonly #applying = new Set<Promise<Applied>>();

  constructor(parts: AccountMailParts, account: AccountId, actor: string) {
    this.#parts = parts;
    this.account = account;
    this.#actor = actor;
  }

  get mailboxesMax(): number {
    return this.#parts.limits.mailboxesMax;
  }

  state(): Promise<AccountState> {
    return this.#parts.store.mail.account(this.account);
  }

  mailboxes(): Promise<readonly MailboxRow[]> {
    return this.#parts.store.mail.mailboxes(this.account);
  }

  subscriptions(): Promise<readonly string[]> {
    return this.#parts.store.mail.subscriptions(this.account);
  }

  async getMailbox(name: string): Promise<MailboxRow> {
    const wanted = normaliseMailboxName(name);
    const row = (await this.mailboxes()).find((each) => each.name === wanted);
    if (row === undefined) throw noSuchMailbox();
    return row;
  }

  async findRole(role: MailboxRole): Promise<MailboxRow | undefined> {
    return (await this.mailboxes()).find((each) => each.role === role);
  }

  async createMailbox(name: string, role?: MailboxRole): Promise<MailboxRow> {
    const whole = newMailboxName(name);
    const rows = await this.mailboxes();
    if (rows.some((row) => row.name === whole)) {
      throw new Refusal("mailboxExists", "A mailbox with this name exists already.");
    }
    const names = missingNames(rows, whole);
    this.#checkMailboxCount(rows.length + names.length);
    const creates = this.#creates(names).map((change) =>
      change.name === whole && role !== undefined ? { ...change, role } : change,
    );
    await this.#apply(creates);
    return this.getMailbox(whole);
  }

  async renameMailbox(from: string, to: string): Promise<void> {
    if (normaliseMailboxName(from) === INBOX) return this.#renameInbox(to);
    const rows = await this.mailboxes();
    const { parents, renames, names } = planRename(rows, from, to);
    this.#checkMailboxCount(rows.length + parents.length);
    const subscribed = new Set(await this.subscriptions());
    await this.#apply([
      ...this.#creates(parents),
      { kind: "mail.mailboxRename", account: this.account, renames },
      // The old names stay subscribed: RFC 9051 §6.3.7 forbids taking them away unasked.
      ...names
        .filter(([before]) => subscribed.has(before))
        .map(([, name]) => this.#subscription(name, true)),
    ]);
  }

  async deleteMailbox(name: string): Promise<void> {
    const wanted = normaliseMailboxName(name);
    if (wanted === INBOX) throw new Refusal("notPermitted", "INBOX cannot be deleted.");
    const rows = await this.mailboxes();
    const row = rows.find((each) => each.name === wanted);
    if (row !== undefined) {
      await this.#apply([{ kind: "mail.mailboxDelete", account: this.account, mailbox: row.id }]);
    } else if (rows.some((each) => isBelow(each.name, wanted))) {
      throw new Refusal("mailboxHasChildren", "There are mailboxes below this name.");
    } else {
      throw noSuchMailbox();
    }
  }

  async subscribe(name: string, isSubscribed: boolean): Promise<void> {
    const whole = isSubscribed ? newMailboxName(name) : normaliseMailboxName(name);
    if (isSubscribed) this.#checkMailboxCount((await this.subscriptions()).length);
    await this.#apply([this.#subscription(whole, isSubscribed)]);
  }

  async annotations(mailbox: string): Promise<ReadonlyMap<string, string>> {
    const row = await this.getMailbox(mailbox === "" ? INBOX : mailbox);
    return annotationsIn(row, mailbox === "");
  }

  async annotate(mailbox: string, entries: readonly AnnotationChange[]): Promise<void> {
    const isOfAccount = mailbox === "";
    const row = await this.getMailbox(isOfAccount ? INBOX : mailbox);
    const { annotationsMax, annotationBytesMax } = this.#parts.limits;
    const after = new Map(annotationsIn(row, isOfAccount));
    for (const { name, value } of entries) {
      if (value === undefined) after.delete(name);
      else after.set(name, value);
    }
    let bytes = 0;
    for (const [name, value] of after) bytes += name.length + value.length;
    if (after.size > annotationsMax || bytes > annotationBytesMax) {
      throw new Refusal("limit", "Too many annotations.");
    }
    const stored = entries.map(({ name, value }) => ({
      name: storedName(name, isOfAccount),
      ...(value === undefined ? {} : { value }),
    }));
    const { account } = this;
    await this.#apply([{ kind: "mail.annotate", account, mailbox: row.id, entries: stored }]);
  }

  async watch(listener: (entries: readonly LogEntry[]) => void): Promise<Disposable> {
    const { store, open } = this.#parts;
    this.#watchCount++;
    const watch = await AccountWatch.start({
      store,
      open,
      account: this.account,
      listener,
      isOwn: (modSeq) => this.#ownNumbers.has(modSeq),
      settleOwn: async () => void (await Promise.allSettled(this.#applying)),
    });
    return {
      [Symbol.dispose]: () => {
        watch[Symbol.dispose]();
        if (--this.#watchCount === 0) this.#ownNumbers.clear();
      },
    };
  }

  openView(mailbox: MailboxId): Promise<View> {
    return this.#parts.open.openView(this.account, mailbox);
  }

  async append(
    mailbox: MailboxId,
    items: readonly AppendItem[],
  ): Promise<readonly ResultOf<"mail.messageAdd">[]> {
    const { limits } = this.#parts;
    if (items.length > limits.appendItemsMax) {
      throw new Refusal("limit", "Too many messages at once.");
    }
    const changes: Change[] = [];
    for (const item of items) changes.push(await this.#messageAdd(mailbox, item));
    const results = await this.#apply(changes);
    await this.#parts.onAdded(this.account);
    return results.map((result) => ofKind(result, "mail.messageAdd"));
  }

  async replace(
    from: MailboxId,
    uid: Uid,
    to: MailboxId,
    item: AppendItem,
  ): Promise<ResultOf<"mail.messageAdd">> {
    const uids: readonly UidRange[] = [[uid, uid]];
    const [, added] = await this.#apply([
      { kind: "mail.expunge", account: this.account, mailbox: from, uids, onlyDeleted: false },
      await this.#messageAdd(to, item),
    ]);
    await this.#parts.onAdded(this.account);
    return ofKind(added, "mail.messageAdd");
  }

  async setFlags(
    mailbox: MailboxId,
    uids: readonly UidRange[],
    mode: FlagsMode,
    flags: Flags,
    unchangedSince?: ModSeq,
  ): Promise<ResultOf<"mail.flagsSet">> {
    const normal = normaliseFlags(flags, this.#parts.limits.keywordsMax);
    if (mode !== "remove") this.#checkKeywords(mailbox, normal.keywords);
    const [result] = await this.#apply([
      {
        kind: "mail.flagsSet",
        account: this.account,
        mailbox,
        uids,
        mode,
        flags: normal,
        ...(unchangedSince === undefined ? {} : { unchangedSince }),
      },
    ]);
    return ofKind(result, "mail.flagsSet");
  }

  copy(from: MailboxId, uids: readonly UidRange[], to: MailboxId) {
    return this.#transfer("mail.messageCopy", from, uids, to);
  }

  move(from: MailboxId, uids: readonly UidRange[], to: MailboxId) {
    return this.#transfer("mail.messageMove", from, uids, to);
  }

  async expunge(
    mailbox: MailboxId,
    uids: readonly UidRange[],
    onlyDeleted: boolean,
  ): Promise<readonly UidRange[]> {
    const [result] = await this.#apply([
      { kind: "mail.expunge", account: this.account, mailbox, uids, onlyDeleted },
    ]);
    return ofKind(result, "mail.expunge").expunged;
  }

  messages<Field extends keyof MessageFields>(ids: readonly MessageId[], fields: readonly Field[]) {
    return this.#parts.store.mail.messages(this.account, ids, fields);
  }

  readBody(body: MessageBody, start?: number, end?: number): Promise<Uint8Array> {
    return readBody(this.#parts.store.blobs, body, start, end);
  }

  streamBody(body: MessageBody, start?: number, end?: number): AsyncIterable<Uint8Array> {
    return streamBody(this.#parts.store.blobs, body, start, end);
  }

  /** RFC 9051 §6.3.6: the messages of INBOX move to a new mailbox, and INBOX stays. */
  async #renameInbox(to: string): Promise<void> {
    const inbox = await this.getMailbox(INBOX);
    const { id } = await this.createMailbox(to);
    // RFC 5464 §4.1: INBOX keeps its annotations, and the new mailbox has them too.
    const values = [...annotationsIn(inbox, false)];
    if (values.length > 0)
      await this.annotate(
        to,
        values.map(([name, value]) => ({ name, value })),
      );
    await this.move(inbox.id, everyUid, id);
  }

  async #transfer(
    kind: "mail.messageCopy" | "mail.messageMove",
    from: MailboxId,
    uids: readonly UidRange[],
    to: MailboxId,
  ): Promise<ResultOf<"mail.messageCopy" | "mail.messageMove">> {
    const [result] = await this.#apply([{ kind, account: this.account, from, uids, to }]);
    assert(result?.kind === kind, "a result is of the kind of its change");
    return result;
  }

  async #messageAdd(mailbox: MailboxId, item: AppendItem): Promise<Change> {
    const { limits, digest, store, clock } = this.#parts;
    const sizeBytes = item.parts.reduce((sum, part) => sum + part.length, 0);
    if (sizeBytes > limits.messageBytesMax) {
      throw new Refusal("messageTooLarge", "The message is too large.");
    }
    if (sizeBytes === 0) throw new Refusal("syntax", "An empty message cannot be kept.");
    const flags = normaliseFlags(item.flags, limits.keywordsMax);
    this.#checkKeywords(mailbox, flags.keywords);
    const bytes = concat(item.parts);
    const internalDateMs = item.internalDateMs ?? clock.now();
    const facts = digest(bytes, internalDateMs);
    const blob = await store.blobs.put([bytes]);
    const message = { blob, prefix: new Uint8Array(0), facts };
    const { account } = this;
    const kind = "mail.messageAdd";
    return { kind, account, mailbox, message, flags, internalDateMs, enforceQuota: true };
  }

  /** New keywords are refused when the mailbox has too many; only an open one knows. */
  #checkKeywords(mailbox: MailboxId, keywords: readonly string[]): void {
    if (keywords.length === 0) return;
    const known = this.#parts.open.find(this.account, mailbox)?.sheet.keywords;
    if (known === undefined) return;
    const names = new Set([...known.names, ...keywords].map((name) => name.toLowerCase()));
    const isNew = names.size > known.names.length;
    if (known.isNearlyFull || (isNew && names.size > this.#parts.limits.keywordsMax)) {
      throw new Refusal("limit", "The mailbox has too many different keywords.");
    }
  }

  #creates(names: readonly string[]) {
    const { account } = this;
    return names.map((name) => ({ kind: "mail.mailboxCreate" as const, account, name }));
  }

  #subscription(name: string, isSubscribed: boolean): Change {
    return { kind: "mail.subscribe", account: this.account, name, isSubscribed };
  }

  #checkMailboxCount(count: number): void {
    if (count > this.#parts.limits.mailboxesMax) throw new Refusal("limit", "Too many mailboxes.");
  }

  async #apply(changes: readonly Change[]): Promise<readonly ChangeResult[]> {
    const { store, clock, open } = this.#parts;
    const applying = store.apply({ actor: this.#actor, atMs: clock.now(), changes });
    this.#applying.add(applying);
    try {
      const applied = await applying;
      const modSeq = applied.modSeqs.get(this.account);
      if (modSeq === undefined) return applied.results;
      if (this.#watchCount > 0) this.#noteOwn(modSeq);
      await open.reach(this.account, modSeq);
      return applied.results;
    } finally {
      this.#applying.delete(applying);
    }
  }

  #noteOwn(modSeq: number): void {
    this.#ownNumbers.add(modSeq);
    if (this.#ownNumbers.size <= ownNumbersMax) return;
    for (const oldest of this.#ownNumbers) {
      this.#ownNumbers.delete(oldest);
      break;
    }
  }
}

function ofKind<Kind extends ChangeResult["kind"]>(
  result: ChangeResult | undefined,
  kind: Kind,
): Extract<ChangeResult, { readonly kind: Kind }> {
  assert(isOfKind(result, kind), "a result is of the kind of its change");
  return result;
}

function isOfKind<Kind extends ChangeResult["kind"]>(
  result: ChangeResult | undefined,
  kind: Kind,
): result is Extract<ChangeResult, { readonly kind: Kind }> {
  return result?.kind === kind;
}

function noSuchMailbox(): Refusal {
  return new Refusal("noSuchMailbox", "No such mailbox.");
}
