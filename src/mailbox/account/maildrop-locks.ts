import type { AccountId } from "../../base/ids.ts";

/** RFC 1939 §4: one session at a time has a maildrop; an account may have several by name. */
export class MaildropLocks {
  readonly #held = new Set<string>();

  /** Undefined when another session has it. Disposing twice is harmless. */
  acquire(account: AccountId, name: string): Disposable | undefined {
    const key = `${account} ${name}`;
    if (this.#held.has(key)) return undefined;
    this.#held.add(key);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#held.delete(key);
        isHeld = false;
      },
    };
  }
}
