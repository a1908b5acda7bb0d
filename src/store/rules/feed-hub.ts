import { asRefusal } from "../../base/faults.ts";
import type { AccountId } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import type { ChangeFeed, FeedHint } from "../feed.ts";
import type { Work } from "./work.ts";

type Listener<Hint> = (hint: Hint) => void;

/** What of a batch's work others are told of. */
export type Published = Pick<Work, "entries" | "isQueueTouched" | "isDirectoryTouched">;

/** Tells listeners of this process what was committed. */
export class FeedHub implements ChangeFeed {
  readonly #accounts = new Map<AccountId, Set<Listener<FeedHint>>>();
  readonly #queue = new Set<Listener<void>>();
  readonly #directory = new Set<Listener<void>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  watch(account: AccountId, listener: Listener<FeedHint>): Disposable {
    const listeners = this.#accounts.get(account) ?? new Set();
    this.#accounts.set(account, listeners);
    const subscription = add(listeners, listener);
    return {
      [Symbol.dispose]: () => {
        subscription[Symbol.dispose]();
        if (listeners.size === 0 && this.#accounts.get(account) === listeners) {
          this.#accounts.delete(account);
        }
      },
    };
  }

  watchQueue(listener: Listener<void>): Disposable {
    return add(this.#queue, listener);
  }

  watchDirectory(listener: Listener<void>): Disposable {
    return add(this.#directory, listener);
  }

  /** Call once for each batch, after its commit. */
  publish(work: Published): void {
    for (const [account, entries] of work.entries) {
      const listeners = this.#accounts.get(account);
      const newest = entries.at(-1);
      if (listeners === undefined || newest === undefined) continue;
      this.#tell(listeners, { account, modSeq: newest.modSeq, entries });
    }
    if (work.isQueueTouched) this.#tell(this.#queue, undefined);
    if (work.isDirectoryTouched) this.#tell(this.#directory, undefined);
  }

  /** A listener that fails must not fail a batch that is committed already. */
  #tell<Hint>(listeners: ReadonlySet<Listener<Hint>>, hint: Hint): void {
    for (const listener of [...listeners]) {
      try {
        listener(hint);
      } catch (error) {
        this.#log.write("error", "store.listenerFailed", { error: asRefusal(error).message });
      }
    }
  }
}

function add<Hint>(listeners: Set<Listener<Hint>>, listener: Listener<Hint>): Disposable {
  // A wrapper, so that the same function can listen twice and stop once.
  const own: Listener<Hint> = (hint) => listener(hint);
  listeners.add(own);
  return { [Symbol.dispose]: () => void listeners.delete(own) };
}
