import { unreachable } from "../../base/assert.ts";
import type { AccountId, ModSeq } from "../../base/ids.ts";
import type { Applied, Batch, Change, ChangeResult } from "../batch.ts";
import { copyMessages, expunge, moveMessages, restoreMessages } from "./apply-copies.ts";
import { applyDirectory } from "./apply-directory.ts";
import {
  annotate,
  createMailbox,
  deleteMailbox,
  renameMailboxes,
  setRole,
  subscribe,
} from "./apply-mailbox.ts";
import { addMessage, setFlags } from "./apply-messages.ts";
import { applyQueue } from "./apply-queue.ts";
import type { Tables } from "./tables.ts";
import { type Work, startWork } from "./work.ts";

/** A batch that was applied, and what to tell after the commit. */
export interface BatchOutcome {
  readonly applied: Applied;
  readonly work: Work | undefined;
}

/**
 * Applies a batch to the tables. Whoever calls undoes all its writes when this throws.
 * @throws Refusal with the reason of the first change that cannot be made.
 */
export function applyBatch(tables: Tables, batch: Batch): BatchOutcome {
  if (batch.key !== undefined) {
    if (tables.isKeyKnown(batch.key)) {
      return { applied: { isRepeated: true, results: [], modSeqs: new Map() }, work: undefined };
    }
    tables.addKey(batch.key, batch.atMs);
  }
  const work = startWork(tables, batch.actor, batch.atMs);
  const results = batch.changes.map((change) => applyChange(work, change));
  const modSeqs = new Map<AccountId, ModSeq>();
  for (const [account, entries] of work.entries) {
    const newest = entries.at(-1);
    if (newest !== undefined) modSeqs.set(account, newest.modSeq);
  }
  return { applied: { isRepeated: false, results, modSeqs }, work };
}

function applyChange(work: Work, change: Change): ChangeResult {
  switch (change.kind) {
    case "mail.messageAdd":
      return addMessage(work, change);
    case "mail.flagsSet":
      return setFlags(work, change);
    case "mail.messageCopy":
      return copyMessages(work, change);
    case "mail.messageMove":
      return moveMessages(work, change);
    case "mail.messageRestore":
      return restoreMessages(work, change);
    case "mail.expunge":
      return expunge(work, change);
    case "mail.mailboxCreate":
      return createMailbox(work, change);
    case "mail.mailboxRename":
      return renameMailboxes(work, change);
    case "mail.mailboxDelete":
      return deleteMailbox(work, change);
    case "mail.mailboxSetRole":
      return setRole(work, change);
    case "mail.annotate":
      return annotate(work, change);
    case "mail.subscribe":
      return subscribe(work, change);
    case "directory.domainAdd":
    case "directory.domainRemove":
    case "directory.accountAdd":
    case "directory.accountUpdate":
    case "directory.accountRemove":
    case "directory.aliasPut":
    case "directory.aliasRemove":
      return applyDirectory(work, change);
    case "queue.add":
    case "queue.settle":
    case "queue.retryAt":
    case "queue.hold":
    case "queue.remove":
      return applyQueue(work, change);
    case "journey.append":
      work.tables.appendJourney(change);
      return { kind: "journey" };
    default:
      return unreachable(change);
  }
}
