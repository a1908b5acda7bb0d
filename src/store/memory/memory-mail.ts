import { Refusal } from "../../base/faults.ts";
import type { AccountId } from "../../base/ids.ts";
import type { MailReader } from "../mail.ts";
import { columnsOf } from "../rules/columns.ts";
import { limitEntries, mailboxOf } from "../rules/log-acts.ts";
import { pickFields } from "../rules/message-fields.ts";
import { compareText } from "../rules/names.ts";
import type { MemoryAccount, MemoryDisk } from "./memory-disk.ts";

export function createMemoryMail(disk: MemoryDisk): MailReader {
  const getAccount = (id: AccountId): MemoryAccount => {
    const account = disk.accounts.get(id);
    if (account === undefined) throw new Refusal("noSuchUser", "There is no such account.");
    return account;
  };
  return {
    account: async (id) => {
      const { modSeq, usedBytes, messageCount, quotaBytes } = getAccount(id).record;
      return { modSeq, usedBytes, messageCount, quotaBytes };
    },
    mailboxes: async (id) =>
      Array.from(getAccount(id).mailboxes.values(), (mailbox) => mailbox.row).sort((a, b) =>
        compareText(a.name, b.name),
      ),
    subscriptions: async (id) => [...getAccount(id).subscriptions].sort(compareText),
    loadMailbox: async (id, mailboxId) => {
      const account = getAccount(id);
      const mailbox = account.mailboxes.get(mailboxId);
      if (mailbox === undefined) {
        throw new Refusal("noSuchMailbox", "There is no such mailbox.");
      }
      return columnsOf(mailbox.row, account.record.modSeq, mailbox.copies);
    },
    changes: async (id, since, options = {}) => {
      const wanted = getAccount(id).log.filter(
        (entry) =>
          entry.modSeq > since &&
          (options.mailbox === undefined || mailboxOf(entry.act) === options.mailbox),
      );
      return limitEntries(wanted, options.limit);
    },
    messages: async (id, ids, fields) => {
      const { messages } = getAccount(id);
      return ids.map((message) => {
        const kept = messages.get(message)?.kept;
        return kept === undefined ? undefined : pickFields(kept, fields);
      });
    },
  };
}
