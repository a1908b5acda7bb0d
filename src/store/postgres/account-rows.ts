import type { MailboxId, MessageId, ThreadId, Uid } from "../../base/ids.ts";
import type { UidRange } from "../mail-changes.ts";
import type { MailboxRow } from "../mail.ts";
import type { CopyRecord } from "../rules/tables.ts";
import { includesUid } from "../rules/uid-ranges.ts";
import { LoadedRows } from "./loaded-rows.ts";

/** What a commit must know about a message that exists. */
export interface MessageState {
  readonly sizeBytes: number;
  readonly copies: number;
  /** When its last copy went. */
  readonly goneAtMs: number;
}

/** The rows of one account that a commit reads or writes. */
export class AccountRows {
  readonly mailboxes: LoadedRows<MailboxId, MailboxRow>;
  readonly subscriptions: LoadedRows<string, true>;
  readonly messages: LoadedRows<MessageId, MessageState>;
  readonly threads: LoadedRows<number, ThreadId>;
  readonly copies = new Map<MailboxId, LoadedRows<Uid, CopyRecord>>();

  /** A new account has no rows in the database. */
  constructor(isNew: boolean) {
    this.mailboxes = new LoadedRows(isNew);
    this.subscriptions = new LoadedRows(isNew);
    this.messages = new LoadedRows(isNew);
    this.threads = new LoadedRows(isNew);
  }

  copiesOf(mailbox: MailboxId): LoadedRows<Uid, CopyRecord> {
    let copies = this.copies.get(mailbox);
    // Only ranges of UIDs are loaded: what is not here in such a range does not exist.
    if (copies === undefined) this.copies.set(mailbox, (copies = new LoadedRows(true)));
    return copies;
  }
}

/** The copies in sorted ranges, by UID. */
export function copiesIn(
  rows: LoadedRows<Uid, CopyRecord>,
  uids: readonly UidRange[],
): readonly CopyRecord[] {
  const found: CopyRecord[] = [];
  for (const [uid, copy] of rows.entries()) if (includesUid(uids, uid)) found.push(copy);
  return found.sort((a, b) => a.uid - b.uid);
}
