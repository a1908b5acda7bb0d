import type { AccountMail } from "../../../mailbox/account-mail.ts";
import type { LogEntry } from "../../../store/mail.ts";
import type { EventGroup } from "../../grammar/notify-arguments.ts";
import type { Session } from "../session.ts";
import { sendUpdates } from "../updates.ts";
import { selectedWishes } from "./notify-state.ts";
import { tellChanges } from "./tell-changes.ts";
import { tellNews } from "./tell-news.ts";
import { tellOverflow } from "./tell-overflow.ts";

/** Changes that are kept until they can be told; more are told as overflow (RFC 5465 §5.8). */
const entriesMax = 10_000;

/**
 * What a NOTIFY SET asks for, until the next one: tells changes of the account when the client is
 * between commands, in IDLE, or at the end of a command (RFC 5465 §3.1). While the client does not
 * read, nothing more is sent.
 */
export class Notifier implements Disposable {
  readonly groups: readonly EventGroup[];
  readonly #session: Session;
  #watching: Disposable | undefined;
  #entries: LogEntry[] = [];
  #isBehind = false;
  #isOver = false;
  #telling: Promise<void> | undefined;

  /** Begins with what changes from now on. */
  static async start(
    session: Session,
    mail: AccountMail,
    groups: readonly EventGroup[],
  ): Promise<Notifier> {
    const notifier = new Notifier(session, groups);
    if (groups.length > 0) {
      notifier.#watching = await mail.watch((entries) => notifier.#take(entries));
    }
    return notifier;
  }

  private constructor(session: Session, groups: readonly EventGroup[]) {
    this.#session = session;
    this.groups = groups;
  }

  /** Tells what there is, unless the client is in the midst of a command. */
  tellIfIdle(): void {
    if (this.#isOver || !this.#isBehind || !this.#session.isWaiting) return;
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
      // What came in the last moment.
      this.tellIfIdle();
    });
  }

  /** Resolves when nothing is being told: the next command may move what is looked at. */
  async settle(): Promise<void> {
    await this.#telling;
  }

  /** At the end of a command: what belongs to other mailboxes. */
  async tellOthers(): Promise<void> {
    if (this.#entries.length === 0 || this.#isOver) return;
    const entries = this.#entries;
    this.#entries = [];
    try {
      await tellChanges(this.#session, this.groups, entries);
    } catch (error) {
      this.#entries.unshift(...entries);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#entries = [];
    this.#watching?.[Symbol.dispose]();
  }

  #take(entries: readonly LogEntry[]): void {
    this.#isBehind = true;
    for (const entry of entries) this.#keep(entry);
    if (this.#entries.length > entriesMax) this.#overflow();
    else this.tellIfIdle();
  }

  /** Of what happened to messages only that it did, once for each mailbox: they may be many. */
  #keep(entry: LogEntry): void {
    const { act } = entry;
    if (act.kind !== "added" && act.kind !== "expunged" && act.kind !== "flagged") {
      this.#entries.push(entry);
      return;
    }
    const { kind, mailbox } = act;
    const bare: LogEntry["act"] =
      kind === "flagged" ? { kind, mailbox, before: [], after: [] } : { kind, mailbox, copies: [] };
    const isKnown = this.#entries.some(
      ({ act: other }) => other.kind === kind && other.mailbox === mailbox,
    );
    if (isKnown) return;
    this.#entries.push({ ...entry, act: bare });
  }

  /** As if NOTIFY NONE had been said (RFC 5465 §5.8); told at once, or with the command at hand. */
  #overflow(): void {
    this[Symbol.dispose]();
    const session = this.#session;
    session.notifier = new Notifier(session, []);
    session.overflowed = true;
    if (!session.isWaiting) return;
    tellOverflow(session);
    session.wire.flush().catch(() => undefined);
  }

  async #tellAll(): Promise<void> {
    const session = this.#session;
    try {
      while (this.#isBehind && !this.#isOver && session.isWaiting) {
        this.#isBehind = false;
        const { isSilent, tellsExpungesNow } = selectedWishes(session);
        if (!isSilent) sendUpdates(session, { expunge: tellsExpungesNow || session.isIdling });
        await tellNews(session);
        await session.wire.flush();
      }
    } catch {
      // A connection that breaks here is noticed by the read that waits for a command.
    }
  }
}
