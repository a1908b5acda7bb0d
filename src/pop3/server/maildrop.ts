import { assert } from "../../base/assert.ts";
import { messageId } from "../../base/ids.ts";
import type { MessageId } from "../../base/ids.ts";
import { Refusal } from "../../base/faults.ts";
import type { AccountMail } from "../../mailbox/account-mail.ts";
import { INBOX } from "../../mailbox/names.ts";
import { rangesOfUids } from "../../mailbox/uid-ranges.ts";
import type { MailboxRow } from "../../store/mail.ts";

/**
 * INBOX as it was at login, numbered from 1 (RFC 1939 §3: the maildrop does not change during a
 * session), and the marks of what is to be removed at its end.
 */
export class Maildrop {
  readonly mail: AccountMail;
  readonly #inbox: MailboxRow;
  readonly #uids: Uint32Array;
  readonly #messages: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #deleted = new Set<number>();
  readonly #allBytes: number;
  #deletedBytes = 0;

  static async open(mail: AccountMail): Promise<Maildrop> {
    const view = await mail.openView((await mail.getMailbox(INBOX)).id);
    try {
      const { uids, messageIds, sizes } = view.columns;
      const rows = view.allRows();
      return new Maildrop(mail, view.mailbox, {
        uids: rows.map((row) => uids[row] ?? 0),
        messages: rows.map((row) => messageIds[row] ?? 0),
        sizes: Float64Array.from(rows, (row) => sizes[row] ?? 0),
      });
    } finally {
      view.close();
    }
  }

  private constructor(
    mail: AccountMail,
    inbox: MailboxRow,
    columns: { uids: Uint32Array; messages: Uint32Array; sizes: Float64Array },
  ) {
    this.mail = mail;
    this.#inbox = inbox;
    this.#uids = columns.uids;
    this.#messages = columns.messages;
    this.#sizes = columns.sizes;
    this.#allBytes = columns.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Of all messages at login; the highest number. */
  get lastNumber(): number {
    return this.#uids.length;
  }

  /** Of those not marked. */
  get count(): number {
    return this.#uids.length - this.#deleted.size;
  }

  get bytes(): number {
    return this.#allBytes - this.#deletedBytes;
  }

  get deletedCount(): number {
    return this.#deleted.size;
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
    return this.#sizes[number - 1] ?? 0;
  }

  messageOf(number: number): MessageId {
    const message = this.#messages[number - 1];
    assert(message !== undefined, "a number is checked before it is used");
    return messageId(message);
  }

  /**
   * RFC 1939 §7: names the message for ever. A UID is never used again in a mailbox, and
   * UIDVALIDITY tells the mailbox from others, so neither changes with software or restart.
   */
  uniqueIdOf(number: number): string {
    return `${this.#inbox.uidValidity}.${this.#uids[number - 1]}`;
  }

  markDeleted(number: number): void {
    this.#deleted.add(number);
    this.#deletedBytes += this.sizeOf(number);
  }

  unmarkAll(): void {
    this.#deleted.clear();
    this.#deletedBytes = 0;
  }

  /** Removes what is marked; durable when it resolves (RFC 1939 §6). */
  async update(): Promise<void> {
    if (this.#deleted.size === 0) return;
    const uids = [...this.#deleted].map((number) => this.#uids[number - 1] ?? 0);
    await this.mail.expunge(this.#inbox.id, rangesOfUids(uids), false);
  }
}
