import { fromUtf8 } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { asRefusal } from "../base/faults.ts";
import type { AccountId } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import { formatDate } from "../message/dates.ts";
import type { AccountState } from "../store/mail.ts";
import type { Store } from "../store/store.ts";
import { messageFacts } from "./message-facts.ts";
import { INBOX } from "./names.ts";

export interface QuotaWarningOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Part of the quota from which on the owner is told, 0 to 1. */
  readonly fraction: number;
}

/** Tells owners once when their mail comes close to the quota. */
export interface QuotaWarning {
  /**
   * To be called after mail came into an account: puts a notice into INBOX when the account has
   * crossed the line since the last call. Never throws: what fails is logged and tried again.
   */
  check(account: AccountId): Promise<void>;
}

/** The mark that an owner has been told lasts this long; then they are told again. */
const tellAgainMs = 90 * 86_400_000;
const knownMax = 10_000;

export function createQuotaWarning(options: QuotaWarningOptions): QuotaWarning {
  const { store, clock, log, fraction } = options;
  /** Accounts whose mark is known to be absent: most, and they cost no look-up. */
  const unmarked = new Set<AccountId>();
  const running = new Set<AccountId>();

  async function settle(account: AccountId): Promise<void> {
    const state = await store.mail.account(account);
    const isOver = state.quotaBytes > 0 && state.usedBytes >= state.quotaBytes * fraction;
    if (!isOver && unmarked.has(account)) return;
    const key = `mailbox.quotaWarned.${account}`;
    if (!isOver) {
      await store.keyed.remove(key);
      if (unmarked.size >= knownMax) unmarked.clear();
      unmarked.add(account);
      return;
    }
    const now = clock.now();
    if ((await store.keyed.get(key, now)) !== undefined) return;
    await putNotice(store, now, account, state);
    await store.keyed.set(key, String(state.usedBytes), now + tellAgainMs);
    unmarked.delete(account);
    log.write("info", "mailbox.quotaWarned", { account, usedBytes: state.usedBytes });
  }

  return {
    async check(account) {
      if (running.has(account)) return;
      running.add(account);
      try {
        await settle(account);
      } catch (error) {
        const { reason, detail } = asRefusal(error);
        log.write("warn", "mailbox.quotaWarningFailed", { account, reason, detail });
      } finally {
        running.delete(account);
      }
    },
  };
}

async function putNotice(store: Store, atMs: number, account: AccountId, state: AccountState) {
  const owner = await store.directory.findAccountById(account);
  const inbox = (await store.mail.mailboxes(account)).find(({ name }) => name === INBOX);
  if (owner === undefined || inbox === undefined) return;
  const bytes = formatNotice(owner.address, atMs, state);
  const message = {
    blob: await store.blobs.put([bytes]),
    prefix: new Uint8Array(0),
    facts: messageFacts(bytes, atMs),
  };
  await store.apply({
    actor: "quota",
    atMs,
    changes: [
      {
        kind: "mail.messageAdd",
        account,
        mailbox: inbox.id,
        message,
        flags: { system: 0, keywords: [] },
        internalDateMs: atMs,
        enforceQuota: false,
      },
    ],
  });
}

function formatNotice(address: string, atMs: number, state: AccountState): Uint8Array {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  const percent = Math.floor((state.usedBytes / state.quotaBytes) * 100);
  const lines = [
    `From: Mail system <postmaster@${domain}>`,
    `To: <${address}>`,
    `Subject: Your mailbox is ${percent} percent full`,
    `Date: ${formatDate(atMs)}`,
    `Message-ID: <quota.${atMs}.${state.modSeq}@${domain}>`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    `Your mail takes ${megabytes(state.usedBytes)} MB of the ${megabytes(state.quotaBytes)} MB`,
    "that you may use. When it is full, new mail can no longer be delivered to you.",
    "",
    "Please delete mail that you do not need, and empty the folder for deleted mail,",
    "or ask your administrator for more room.",
    "",
  ];
  return fromUtf8(lines.join("\r\n"));
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}
