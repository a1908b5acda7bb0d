import type { MailboxId } from "../../base/ids.ts";
import { concat } from "../../base/bytes.ts";
import type { LogEntry } from "../../store/mail.ts";
import type { MemoryAccount, MemoryDisk } from "../../store/memory/memory-disk.ts";
import { type Contents, readContents } from "../world/letters.ts";

/** A message as it first came into an account. */
export interface Arrival {
  readonly account: string;
  readonly mailbox: string;
  readonly uid: number;
  readonly message: number;
  readonly actor: string;
  /** Without the fields that delivery put in front. */
  readonly body: Uint8Array;
  readonly contents: Contents;
}

export interface StoredAccount {
  readonly address: string;
  readonly data: MemoryAccount;
  readonly log: readonly LogEntry[];
  readonly mailboxNames: ReadonlyMap<MailboxId, string>;
  /** By message number: what it is. */
  readonly contents: ReadonlyMap<number, Contents>;
}

/** What the disk holds after a run, read once for all checkers. */
export interface Stored {
  readonly accounts: readonly StoredAccount[];
  readonly arrivals: readonly Arrival[];
}

export function readStored(disk: MemoryDisk): Stored {
  const accounts = [...disk.accounts.values()].map((data) => readAccount(disk, data));
  return { accounts, arrivals: accounts.flatMap((account) => readArrivals(disk, account)) };
}

function readAccount(disk: MemoryDisk, data: MemoryAccount): StoredAccount {
  const contents = new Map<number, Contents>();
  for (const [id, { kept }] of data.messages) {
    const bytes = disk.blobs.get(kept.blob.hash)?.bytes;
    if (bytes !== undefined) contents.set(id, readContents(bytes));
  }
  return {
    address: data.record.address,
    data,
    log: data.log,
    mailboxNames: new Map([...data.mailboxes].map(([id, { row }]) => [id, row.name])),
    contents,
  };
}

function readArrivals(disk: MemoryDisk, account: StoredAccount): Arrival[] {
  const known = new Set<number>();
  const arrivals: Arrival[] = [];
  for (const { act, actor } of account.log) {
    if (act.kind !== "added") continue;
    for (const { uid, message } of act.copies) {
      if (known.has(message)) continue;
      known.add(message);
      const kept = account.data.messages.get(message)?.kept;
      arrivals.push({
        account: account.address,
        mailbox: account.mailboxNames.get(act.mailbox) ?? "",
        uid,
        message,
        actor,
        body: (kept && disk.blobs.get(kept.blob.hash)?.bytes) ?? concat([]),
        contents: account.contents.get(message) ?? { kind: "other" },
      });
    }
  }
  return arrivals;
}
