import { assert } from "../../base/assert.ts";
import { messageId } from "../../base/ids.ts";
import type { MessageId } from "../../base/ids.ts";
import { Refusal } from "../../base/faults.ts";
import type { AccountMail } from "../../mailbox/account-mail.ts";
import type { Removal } from "../../mailbox/fetch-preferences.ts";
import { rangesOfUids } from "../../mailbox/uid-ranges.ts";
import type { MailboxRow } from "../../store/mail.ts";
import type { Flags } from "../../store/mail-changes.ts";
import { removeMessages } from "./remove-messages.ts";
import { selectMessages } from "./select-messages.ts";
import type { MaildropChoice, SelectedMessages } from "./select-messages.ts";

export interface MaildropOptions extends MaildropChoice {
  /** Flags that a message gets once the client has it. */
  readonly fetchedFlags: Flags;
  readonly removal: Removal;
}

/**
 * A mailbox as it was at login, or what a device has not fetched of it, numbered from 1 (RFC 1939
 * §3: the maildrop does not change during a session); with it what the client has got, and the
 * marks of what is to be removed at the end.
 */
export class Maildrop {
  readonly mail: AccountMail;
  readonly #mailbox: MailboxRow;
  readonly #messages: SelectedMessages;
  readonly #options: MaildropOptions;
  readonly #deleted = new Set<number>();
  /** Sent whole; whether they arrived is not known yet. */
  readonly #sent = new Set<number>();
  /** Arrived, and not written down yet. */
  readonly #fetched = new Set<number>();
  readonly #allBytes: number;
  #deletedBytes = 0;

  static async open(mail: AccountMail, options: MaildropOptions): Promise<Maildrop> {
    const view = await mail.openView((await mail.getMailbox(options.mailbox)).id);
    try {
      return new Maildrop(mail, view.mailbox, selectMessages(view, options), options);
    } finally {
      view.close();
    }
  }

  private constructor(
    mail: AccountMail,
    mailbox: MailboxRow,
    messages: SelectedMessages,
    options: MaildropOptions,
  ) {
    this.mail = mail;
    this.#mailbox = mailbox;
    this.#messages = messages;
    this.#options = options;
    this.#allBytes = messages.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Of all messages at login; the highest number. */
  get lastNumber(): number {
    return this.#messages.uids.length;
  }

  /** Of those not marked. */
  get count(): number {
    return this.lastNumber - this.#deleted.size;
  }

  get bytes(): number {
    return this.#allBytes - this.#deletedBytes;
  }

  get deletedCount(): number {
    return this.#deleted.size;
  }

  /** Messages that the client has and that `saveFetched` has not written down yet. */
  get unsavedCount(): number {
    return this.#fetched.size;
  }

  isDeleted(number: number): boolean {
    return this.#deleted.has(number);
  }

  /** Refuses numbers that are out of range or marked. @throws Refusal `noSuchMessage`. */
  check(number: number): void {
    if (number > this.lastNumber || this.isDeleted(number)) {
      throw new Refusal("noSuchMessage", "No such message.");
    }
  }

  /** Octets of the message as RETR sends it, without the dots that RFC 1939 §3 adds. */
  sizeOf(number: number): number {
    return this.#messages.sizes[number - 1] ?? 0;
  }

  messageOf(number: number): MessageId {
    const message = this.#messages.messageIds[number - 1];
    assert(message !== undefined, "a number is checked before it is used");
    return messageId(message);
  }

  /**
   * RFC 1939 §7: names the message for ever. A UID is never used again in a mailbox, and
   * UIDVALIDITY tells the mailbox from others, so neither changes with software or restart, nor
   * with the device that asks.
   */
  uniqueIdOf(number: number): string {
    return `${this.#mailbox.uidValidity}.${this.#messages.uids[number - 1]}`;
  }

  markDeleted(number: number): void {
    this.#deleted.add(number);
    this.#deletedBytes += this.sizeOf(number);
  }

  unmarkAll(): void {
    this.#deleted.clear();
    this.#deletedBytes = 0;
  }

  noteSent(number: number): void {
    const { system, keywords } = this.#options.fetchedFlags;
    if (system !== 0 || keywords.length > 0) this.#sent.add(number);
  }

  /** The client has shown that it got all that was sent to it. */
  acknowledge(): void {
    for (const number of this.#sent) this.#fetched.add(number);
    this.#sent.clear();
  }

  /** Writes down what the client has; durable when it resolves. */
  async saveFetched(): Promise<void> {
    if (this.#fetched.size === 0) return;
    const numbers = [...this.#fetched];
    const { fetchedFlags } = this.#options;
    await this.mail.setFlags(this.#mailbox.id, this.#uidsOf(numbers), "add", fetchedFlags);
    for (const number of numbers) this.#fetched.delete(number);
  }

  /**
   * The end of a session that ended as it should: all that was sent counts as fetched, and what is
   * marked is removed; durable when it resolves (RFC 1939 §6).
   */
  async update(): Promise<void> {
    this.acknowledge();
    await this.saveFetched();
    if (this.#deleted.size === 0) return;
    const uids = this.#uidsOf([...this.#deleted]);
    await removeMessages(this.mail, this.#mailbox.id, uids, this.#options.removal);
  }

  #uidsOf(numbers: readonly number[]) {
    return rangesOfUids(numbers.map((number) => this.#messages.uids[number - 1] ?? 0));
  }
}
