import type { Clock, Timer } from "../../base/clock.ts";
import { type AccountId, type ModSeq, accountId, modSeq } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import { type Random, randomName } from "../../base/random.ts";
import type { ChangeFeed, FeedHint } from "../feed.ts";
import type { LogEntry, MailReader } from "../mail.ts";
import { FeedHub, type Published } from "../rules/feed-hub.ts";
import { int8s } from "./array-parameter.ts";
import type { Connection, ConnectionOptions } from "./connection.ts";
import { Connector, retryMs } from "./connector.ts";
import { Notice } from "./notice.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { numberOf } from "./rows.ts";
import { statement } from "./statement.ts";

export interface SharedFeedOptions {
  readonly connection: ConnectionOptions;
  readonly pool: ReaderPool;
  readonly mail: MailReader;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How often the watched accounts are looked at in case a notice was lost. */
  readonly pollMs: number;
  /** Runs on every new connection before it listens. */
  readonly onConnected: (connection: Connection) => Promise<void>;
}

const sql = {
  notify: statement("notify", "SELECT pg_notify('golub', $1)"),
  newest: statement("newest", "SELECT id, mod_seq FROM account WHERE id = ANY($1::int8[])"),
  marks: statement(
    "marks",
    `SELECT (SELECT value FROM counter WHERE name = 'directory') AS directory,
       (SELECT last_value FROM queue_number) AS queue`,
  ),
} as const;

interface Watched {
  listeners: number;
  /** The newest entry that this process was told of; undefined before the first. */
  told: ModSeq | undefined;
}

/** From the first to the last entry of a log that are new. */
interface Span {
  readonly first: ModSeq;
  readonly last: ModSeq;
}

/**
 * Hints across servers. What this process commits it tells its own listeners at once, and others
 * by LISTEN and NOTIFY: after the commit and never within it, since a NOTIFY makes all commits
 * wait for each other; as one notice for all that gathers while the last is under way. What others
 * commit is read from the log before it is told. Notices that are lost while the connection is
 * down are made up for by looking.
 */
export class SharedFeed implements ChangeFeed {
  readonly #options: SharedFeedOptions;
  readonly #hub: FeedHub;
  readonly #connector: Connector;
  readonly #origin: string;
  readonly #watched = new Map<AccountId, Watched>();
  #notice: Notice;
  #sending: Promise<void> | undefined;
  /** What others changed and is to be read. */
  readonly #heard = new Map<AccountId, Span>();
  #reading: Promise<void> | undefined;
  #timer: Timer | undefined;
  /** Until the next try to listen again. */
  #listening: Timer | undefined;
  #marks: { readonly directory: number; readonly queue: number } | undefined;
  #isClosed = false;

  constructor(options: SharedFeedOptions) {
    this.#options = options;
    this.#hub = new FeedHub(options.log);
    this.#origin = randomName(options.random, 12);
    this.#notice = new Notice(this.#origin);
    this.#connector = new Connector({
      ...options.connection,
      onNotification: (payload) => this.#onNotice(payload),
      onEnd: () => this.#listenAgain(),
    });
  }

  /** @throws whatever the database says when it does not let us listen. */
  async open(): Promise<void> {
    await this.#listen();
    this.#schedulePoll();
  }

  watch(account: AccountId, listener: (hint: FeedHint) => void): Disposable {
    const watched = this.#watched.get(account) ?? { listeners: 0, told: undefined };
    watched.listeners++;
    this.#watched.set(account, watched);
    const subscription = this.#hub.watch(account, listener);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        subscription[Symbol.dispose]();
        watched.listeners--;
        if (watched.listeners === 0) this.#watched.delete(account);
      },
    };
  }

  watchQueue(listener: () => void): Disposable {
    return this.#hub.watchQueue(listener);
  }

  watchDirectory(listener: () => void): Disposable {
    return this.#hub.watchDirectory(listener);
  }

  /** Call once for each batch of this process, after its commit. */
  publish(work: Published): void {
    this.#tell(work);
    this.#notice.add(work);
    this.#sending ??= this.#sendAll();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#listening?.cancel();
    await this.#sending;
    await this.#reading;
    await this.#connector.close();
  }

  crash(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#listening?.cancel();
    this.#connector.destroy();
  }

  #tell(work: Published): void {
    for (const [account, entries] of work.entries) {
      const watched = this.#watched.get(account);
      const newest = entries.at(-1)?.modSeq;
      if (watched !== undefined && newest !== undefined) {
        watched.told = modSeq(Math.max(watched.told ?? 0, newest));
      }
    }
    this.#hub.publish(work);
  }

  async #sendAll(): Promise<void> {
    // After the other batches of the same commit.
    await Promise.resolve();
    try {
      while (!this.#notice.isEmpty && !this.#isClosed) {
        const notice = this.#notice;
        this.#notice = new Notice(this.#origin);
        const connection = await this.#connector.get();
        await Promise.all(
          notice.format().map((payload) => connection.query(sql.notify, [payload])),
        );
      }
    } catch {
      // The connection is gone: whoever should have been told will look.
    } finally {
      this.#sending = undefined;
    }
  }

  async #listen(): Promise<void> {
    const connection = await this.#connector.get();
    await this.#options.onConnected(connection);
    await connection.run("LISTEN golub");
  }

  /** Until it works; what was missed meanwhile is looked for. */
  #listenAgain(): void {
    if (this.#isClosed || this.#listening !== undefined) return;
    this.#listening = this.#options.clock.after(retryMs, () => {
      this.#listening = undefined;
      if (this.#isClosed) return;
      this.#listen().then(
        () => this.#poll(),
        () => this.#listenAgain(),
      );
    });
  }

  #onNotice(payload: string): void {
    const { origin, spans, isQueueTouched, isDirectoryTouched } = Notice.parse(payload);
    if (origin === this.#origin) return;
    for (const { account, first, last } of spans) {
      if (this.#watched.has(account)) this.#hear(account, first, last);
    }
    if (isQueueTouched || isDirectoryTouched) {
      this.#hub.publish({ entries: new Map(), isQueueTouched, isDirectoryTouched });
    }
  }

  #hear(account: AccountId, first: ModSeq, last: ModSeq): void {
    const known = this.#heard.get(account);
    this.#heard.set(account, {
      first: modSeq(Math.min(known?.first ?? first, first)),
      last: modSeq(Math.max(known?.last ?? last, last)),
    });
    this.#reading ??= this.#readHeard();
  }

  async #readHeard(): Promise<void> {
    while (this.#heard.size > 0 && !this.#isClosed) {
      const spans = [...this.#heard];
      this.#heard.clear();
      await Promise.all(spans.map(([account, span]) => this.#tellHeard(account, span)));
    }
    this.#reading = undefined;
  }

  async #tellHeard(account: AccountId, { first, last }: Span): Promise<void> {
    try {
      const limit = last - first + 1;
      const entries = await this.#options.mail.changes(account, modSeq(first - 1), { limit });
      this.#tell({
        entries: new Map<AccountId, LogEntry[]>([[account, [...entries]]]),
        isQueueTouched: false,
        isDirectoryTouched: false,
      });
    } catch {
      // The account is gone, or the database: the next look finds what there is.
    }
  }

  #schedulePoll(): void {
    const { clock, pollMs } = this.#options;
    this.#timer = clock.after(pollMs, () => {
      this.#poll();
      if (!this.#isClosed) this.#schedulePoll();
    });
  }

  #poll(): void {
    this.#look().catch(() => {
      // The next look will do.
    });
  }

  async #look(): Promise<void> {
    const { pool } = this.#options;
    const [newest, [marks]] = await Promise.all([
      this.#watched.size === 0 ? [] : pool.query(sql.newest, [int8s([...this.#watched.keys()])]),
      pool.query(sql.marks),
    ]);
    for (const row of newest) {
      const account = accountId(numberOf(row, "id"));
      const last = modSeq(numberOf(row, "mod_seq"));
      const watched = this.#watched.get(account);
      if (watched === undefined || last === 0 || last <= (watched.told ?? 0)) continue;
      this.#hear(account, watched.told === undefined ? last : modSeq(watched.told + 1), last);
    }
    const seen = { directory: numberOf(marks, "directory"), queue: numberOf(marks, "queue") };
    const known = this.#marks;
    this.#marks = seen;
    this.#hub.publish({
      entries: new Map(),
      isQueueTouched: known !== undefined && known.queue !== seen.queue,
      isDirectoryTouched: known !== undefined && known.directory !== seen.directory,
    });
  }
}
