import { unreachable } from "../../base/assert.ts";
import {
  type AccountId,
  type BlobHash,
  type MailboxId,
  type MessageId,
  type QueueId,
  type Uid,
  uid,
} from "../../base/ids.ts";
import type { Batch, Change } from "../batch.ts";
import type { StagedBlob } from "../blobs.ts";
import type { DirectoryChange } from "../directory.ts";
import type { MailChange, UidRange } from "../mail-changes.ts";
import type { LeaseOptions } from "../rules/lease-due.ts";
import { domainOf } from "../rules/names.ts";
import { threadKeys } from "../rules/threads.ts";

const allUids: readonly UidRange[] = [[uid(1), uid(4_294_967_295)]];

export interface CopiesNeeded {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly first: Uid;
  readonly last: Uid;
}

/** What the rules will ask of the tables while they apply some batches: loaded in one go. */
export class Needs {
  readonly keys = new Set<string>();
  /** How many numbers new accounts and queue entries will take. */
  newAccounts = 0;
  newQueues = 0;
  isDirectory = false;
  readonly domains = new Set<string>();
  /** Domains of which must be known whether anything lies in them. */
  readonly domainUses = new Set<string>();
  readonly aliases = new Set<string>();
  readonly addresses = new Set<string>();
  readonly accounts = new Set<AccountId>();
  /** Accounts of which all mailboxes are needed. */
  readonly trees = new Set<AccountId>();
  readonly mailboxes = new Map<AccountId, Set<MailboxId>>();
  readonly subscriptions = new Map<AccountId, Set<string>>();
  readonly copies: CopiesNeeded[] = [];
  readonly messages = new Map<AccountId, Set<MessageId>>();
  readonly threads = new Map<AccountId, Set<number>>();
  /** Bodies that come without their bytes. */
  readonly blobs = new Set<BlobHash>();
  readonly queues = new Set<QueueId>();
  readonly leases: LeaseOptions[] = [];

  addBatch(batch: Batch): void {
    if (batch.key !== undefined) this.keys.add(batch.key);
    for (const change of batch.changes) this.#addChange(change);
  }

  addLease(options: LeaseOptions): void {
    this.leases.push(options);
  }

  #addChange(change: Change): void {
    switch (change.kind) {
      case "directory.domainAdd":
      case "directory.domainRemove":
      case "directory.accountAdd":
      case "directory.accountUpdate":
      case "directory.accountRemove":
      case "directory.aliasPut":
      case "directory.aliasRemove":
        this.isDirectory = true;
        return this.#addDirectory(change);
      case "queue.add":
        this.newQueues++;
        return this.#addBlob(change.blob);
      case "queue.settle":
      case "queue.retryAt":
      case "queue.hold":
      case "queue.remove":
        this.queues.add(change.queue);
        return;
      case "journey.append":
        return;
      default:
        this.accounts.add(change.account);
        return this.#addMail(change);
    }
  }

  #addDirectory(change: DirectoryChange): void {
    switch (change.kind) {
      case "directory.domainAdd":
        this.domains.add(change.name);
        return;
      case "directory.domainRemove":
        this.domains.add(change.name);
        this.domainUses.add(change.name);
        return;
      case "directory.accountAdd":
        this.newAccounts++;
        return this.#addAddress(change.address);
      case "directory.accountUpdate":
      case "directory.accountRemove":
        this.accounts.add(change.account);
        return;
      case "directory.aliasPut":
      case "directory.aliasRemove":
        return this.#addAddress(change.address);
      default:
        return unreachable(change);
    }
  }

  #addAddress(address: string): void {
    this.domains.add(domainOf(address));
    this.addresses.add(address);
    this.aliases.add(address);
  }

  #addMail(change: MailChange): void {
    const { account } = change;
    switch (change.kind) {
      case "mail.messageAdd":
        add(this.mailboxes, account, [change.mailbox]);
        add(this.threads, account, threadKeys(change.message.facts));
        return this.#addBlob(change.message.blob);
      case "mail.flagsSet":
      case "mail.expunge":
        return this.#addCopies(account, change.mailbox, change.uids);
      case "mail.messageCopy":
      case "mail.messageMove":
        add(this.mailboxes, account, [change.to]);
        return this.#addCopies(account, change.from, change.uids);
      case "mail.messageRestore":
        add(this.mailboxes, account, [change.mailbox]);
        return add(
          this.messages,
          account,
          change.copies.map((copy) => copy.message),
        );
      case "mail.mailboxDelete":
        return this.#addCopies(account, change.mailbox, allUids);
      case "mail.mailboxCreate":
      case "mail.mailboxRename":
      case "mail.annotate":
      case "mail.mailboxSetRole":
        this.trees.add(account);
        return;
      case "mail.subscribe":
        return add(this.subscriptions, account, [change.name]);
      default:
        return unreachable(change);
    }
  }

  #addCopies(account: AccountId, mailbox: MailboxId, uids: readonly UidRange[]): void {
    add(this.mailboxes, account, [mailbox]);
    for (const [first, last] of uids) this.copies.push({ account, mailbox, first, last });
  }

  #addBlob({ hash, inline }: StagedBlob): void {
    if (inline === undefined) this.blobs.add(hash);
  }
}

function add<Item>(
  sets: Map<AccountId, Set<Item>>,
  account: AccountId,
  items: readonly Item[],
): void {
  let set = sets.get(account);
  if (set === undefined) sets.set(account, (set = new Set()));
  for (const item of items) set.add(item);
}
