import { Refusal } from "../base/faults.ts";
import type { AccountId, MailboxId } from "../base/ids.ts";
import type { MailReader } from "../store/mail.ts";

/** Accounts whose inbox is remembered; past it the memory starts anew. */
const rememberedMax = 100_000;

/** Knows the number of each account's inbox, which stays the same as long as the account does. */
export class Inboxes {
  readonly #mail: MailReader;
  readonly #known = new Map<AccountId, MailboxId>();

  constructor(mail: MailReader) {
    this.#mail = mail;
  }

  /** @throws Refusal `noSuchUser`; `unavailable` when the account has no inbox. */
  async get(account: AccountId): Promise<MailboxId> {
    const known = this.#known.get(account);
    if (known !== undefined) return known;
    const mailboxes = await this.#mail.mailboxes(account);
    const inbox = mailboxes.find((mailbox) => mailbox.name === "INBOX");
    if (inbox === undefined) throw new Refusal("unavailable", "The mailbox is not ready.");
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(account, inbox.id);
    return inbox.id;
  }
}
