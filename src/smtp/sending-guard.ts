import type { Login } from "../accounts/accounts.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { KeyedStore } from "../store/keyed.ts";
import { SmtpRefusal } from "./grammar/refusals.ts";
import type { SendingLimits } from "./sending-limits.ts";

export interface SendingGuardOptions {
  readonly keyed: KeyedStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: SendingLimits;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How long an account knows a recipient that it has written to … */
const knownMs = 180 * dayMs;
/** … and how often that is written down again. */
const renewMs = 30 * dayMs;

/** One of the limits: what it counts, in which time, and how many. */
interface Quota {
  readonly counts: "messages" | "new recipients";
  readonly per: "hour" | "day";
  readonly max: number;
}

/**
 * Counts what accounts send, over all doors, connections and servers of a store. A window begins
 * with the first message in it. Losing a count allows a little more, never less.
 */
export class SendingGuard {
  readonly #options: SendingGuardOptions;
  readonly #messages: readonly Quota[];
  readonly #recipients: readonly Quota[];

  constructor(options: SendingGuardOptions) {
    const { limits } = options;
    this.#options = options;
    this.#messages = [
      { counts: "messages", per: "hour", max: limits.messagesPerHourMax },
      { counts: "messages", per: "day", max: limits.messagesPerDayMax },
    ];
    this.#recipients = [
      { counts: "new recipients", per: "hour", max: limits.newRecipientsPerHourMax },
      { counts: "new recipients", per: "day", max: limits.newRecipientsPerDayMax },
    ];
  }

  /** Why the account may not begin a message now, if it may not. Only refused tries count. */
  async judgeMessage(login: Login): Promise<SmtpRefusal | undefined> {
    const { keyed, clock } = this.#options;
    for (const quota of this.#messages) {
      if (quota.max === 0) continue;
      const count = await keyed.get(keyOf(quota, login), clock.now());
      if (Number(count ?? 0) >= quota.max) return this.#count(quota, login);
    }
    return undefined;
  }

  /** Counts a message that is to be sent. @returns why it may not be, if it may not. */
  async countMessage(login: Login): Promise<SmtpRefusal | undefined> {
    return this.#countAll(this.#messages, login);
  }

  /** Counts a recipient that is new to the account. @returns why it is one too many, if it is. */
  async countRecipient(login: Login, address: string): Promise<SmtpRefusal | undefined> {
    if (this.#recipients.every(({ max }) => max === 0)) return undefined;
    const { keyed, clock } = this.#options;
    const key = `sending known ${login.account} ${address.toLowerCase()}`;
    const nowMs = clock.now();
    const known = await keyed.get(key, nowMs);
    if (known === undefined) {
      const refusal = await this.#countAll(this.#recipients, login);
      if (refusal !== undefined) return refusal;
    }
    if (known === undefined || Number(known) + renewMs < nowMs) {
      await keyed.set(key, String(nowMs), nowMs + knownMs);
    }
    return undefined;
  }

  async #countAll(quotas: readonly Quota[], login: Login): Promise<SmtpRefusal | undefined> {
    for (const quota of quotas) {
      const refusal = await this.#count(quota, login);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  async #count(quota: Quota, login: Login): Promise<SmtpRefusal | undefined> {
    if (quota.max === 0) return undefined;
    const { keyed, clock, log } = this.#options;
    const nowMs = clock.now();
    const endsAtMs = nowMs + (quota.per === "hour" ? hourMs : dayMs);
    const count = await keyed.increment(keyOf(quota, login), 1, nowMs, endsAtMs);
    if (count <= quota.max) return undefined;
    // Said once in each window: whoever has the password may go on trying.
    if (count === quota.max + 1)
      log.write("warn", "smtp.sendingLimited", { account: login.address, ...quota });
    return refusalOf(quota);
  }
}

function keyOf({ counts, per }: Quota, { account }: Login): string {
  return `sending ${counts} ${per} ${account}`;
}

/** RFC 5321 §4.2.1: passing within the hour; for the day a program had better tell a person. */
function refusalOf({ counts, per, max }: Quota): SmtpRefusal {
  const may = counts === "messages" ? `send ${max} messages` : `write to ${max} new recipients`;
  const text = `This account may ${may} per ${per}; try again`;
  return per === "hour"
    ? new SmtpRefusal("limit", 450, "4.7.1", `${text} in an hour.`)
    : new SmtpRefusal("limit", 550, "5.7.1", `${text} tomorrow, or ask the administrator.`);
}
