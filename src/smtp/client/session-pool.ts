import type { Clock, Timer } from "../../base/clock.ts";
import type { ClientSession } from "./client-session.ts";
import type { ClientLimits } from "./limits.ts";

interface Idle {
  readonly key: string;
  readonly session: ClientSession;
  readonly timer: Timer;
}

/** Open sessions that have nothing to do, kept a short while for the next message to that host. */
export class SessionPool {
  readonly #clock: Clock;
  readonly #limits: ClientLimits;
  /** Oldest first. */
  #idle: Idle[] = [];
  readonly #farewells = new Set<Promise<void>>();
  #isClosed = false;

  constructor(clock: Clock, limits: ClientLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** The session with this key that was used last; the caller owns it then. */
  take(key: string): ClientSession | undefined {
    const found = this.#idle.findLast((idle) => idle.key === key);
    if (found !== undefined) this.#remove(found);
    return found?.session;
  }

  /** Keeps a session, or says goodbye when it has done enough or there are too many. */
  put(key: string, session: ClientSession): void {
    const { messagesPerConnectionMax, idleConnectionsMax, idleTimeoutMs } = this.#limits;
    const messagesMax = Math.min(
      messagesPerConnectionMax,
      session.extensions.messagesMax ?? Number.POSITIVE_INFINITY,
    );
    if (this.#isClosed || !session.isUsable || session.messageCount >= messagesMax) {
      this.retire(session);
      return;
    }
    const timer = this.#clock.after(idleTimeoutMs, () => {
      this.#remove(idle);
      this.retire(session);
    });
    const idle: Idle = { key, session, timer };
    this.#idle.push(idle);
    const oldest = this.#idle[0];
    if (this.#idle.length > idleConnectionsMax && oldest !== undefined) {
      this.#remove(oldest);
      this.retire(oldest.session);
    }
  }

  /** Says goodbye to a session without making the caller wait. */
  retire(session: ClientSession): void {
    const farewell = session.quit().finally(() => this.#farewells.delete(farewell));
    this.#farewells.add(farewell);
  }

  /** Lets go of all idle sessions; resolves when their farewells are over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const idle of this.#idle.slice()) {
      this.#remove(idle);
      this.retire(idle.session);
    }
    await Promise.all(this.#farewells);
  }

  #remove(idle: Idle): void {
    idle.timer.cancel();
    this.#idle = this.#idle.filter((one) => one !== idle);
  }
}
