import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { MessageFacts } from "../store/mail-changes.ts";
import type { Store } from "../store/store.ts";
import { StoredAccountMail } from "./account/stored-account-mail.ts";
import { MaildropLocks } from "./account/maildrop-locks.ts";
import type { MailService } from "./account-mail.ts";
import { type MailboxLimits, defaultMailboxLimits } from "./limits.ts";
import { messageFacts } from "./message-facts.ts";
import { createQuotaWarning } from "./quota-warning.ts";
import { OpenMailboxes } from "./views/open-mailboxes.ts";

export interface MailServiceOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<MailboxLimits>;
  /** How a message is digested; for tests that need no facts. */
  readonly digest?: (bytes: Uint8Array, internalDateMs: number) => MessageFacts;
}

/** The mailbox service over a store. One per server; close it before the store. */
export function createMailService(options: MailServiceOptions): MailService {
  const { store, clock, log, digest = messageFacts } = options;
  const limits = { ...defaultMailboxLimits, ...options.limits };
  const open = new OpenMailboxes({ store, clock, log, limits });
  const quotaWarning = createQuotaWarning({
    store,
    clock,
    log,
    fraction: limits.quotaWarningFraction,
  });
  const onAdded = quotaWarning.check;
  const parts = { store, clock, limits, digest, open, onAdded };
  const locks = new MaildropLocks();
  return {
    open: (account, actor) => new StoredAccountMail(parts, account, actor),
    lockMaildrop: (account, name = "") => locks.acquire(account, name),
    warnOfQuota: quotaWarning.check,
    close: () => open.close(),
  };
}
