import type { AccountId } from "../../base/ids.ts";

/** RFC 1939 §4: one session at a time has the maildrop of an account. */
export class MaildropLocks {
  readonly #held = new Set<AccountId>();

  /** Undefined when another session has it. Disposing twice is harmless. */
  acquire(account: AccountId): Disposable | undefined {
    if (this.#held.has(account)) return undefined;
    this.#held.add(account);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#held.delete(account);
        isHeld = false;
      },
    };
  }
}
