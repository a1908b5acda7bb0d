import { assert } from "../base/assert.ts";
import { fromUtf8 } from "../base/bytes.ts";
import type { AccountId, MailboxId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import { type VirtualClock, createVirtualClock } from "../net/virtual-clock.ts";
import { type MemoryStore, createMemoryStore } from "../store/memory/create-memory-store.ts";
import type { AccountMail, MailService } from "./account-mail.ts";
import type { MailboxLimits } from "./limits.ts";
import { createMailService } from "./mail-service.ts";

/** For tests: one account in a memory store, with the service over it. */
export interface MailFixture extends AsyncDisposable {
  readonly store: MemoryStore;
  readonly clock: VirtualClock;
  readonly service: MailService;
  readonly account: AccountId;
  readonly inbox: MailboxId;
  readonly mail: AccountMail;
}

export interface MailFixtureOptions {
  readonly quotaBytes?: number;
  readonly limits?: Partial<MailboxLimits>;
}

export async function createMailFixture(options: MailFixtureOptions = {}): Promise<MailFixture> {
  const clock = createVirtualClock();
  const store = createMemoryStore({ clock });
  const limits = options.limits ?? {};
  const service = createMailService({ store, clock, log: silentLog, limits });
  const account = await addAccount(store, "ana@example.org", options.quotaBytes ?? 0);
  const mail = service.open(account, "test");
  return {
    store,
    clock,
    service,
    account,
    inbox: (await mail.getMailbox("INBOX")).id,
    mail,
    async [Symbol.asyncDispose]() {
      service.close();
      await store.close();
    },
  };
}

async function addAccount(store: MemoryStore, address: string, quotaBytes: number) {
  const domain = address.slice(address.indexOf("@") + 1);
  const { results } = await store.apply({
    actor: "test",
    atMs: 0,
    changes: [
      { kind: "directory.domainAdd", name: domain },
      {
        kind: "directory.accountAdd",
        address,
        displayName: "",
        secret: "",
        quotaBytes,
        mailboxes: [{ name: "INBOX", role: "inbox" }],
      },
    ],
  });
  const added = results[1];
  assert(added?.kind === "directory.accountAdd", "the account was made");
  return added.account;
}

/** For tests: a short message whose subject and text tell it from others. */
export function shortMessage(subject: string, text = "Hello.\r\n"): Uint8Array {
  return fromUtf8(
    `From: Boro <boro@example.net>\r\nTo: ana@example.org\r\nSubject: ${subject}\r\n` +
      `Date: Thu, 1 Jan 2026 10:00:00 +0000\r\n\r\n${text}`,
  );
}
