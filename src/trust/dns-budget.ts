import type { Clock, Timer } from "../base/clock.ts";
import type { DnsAnswer, Resolver } from "../net/resolver.ts";

export interface DnsBudgetLimits {
  /** Questions for one message; what is asked again costs nothing. */
  readonly questionsMax: number;
  /** For all questions together, milliseconds. */
  readonly deadlineMs: number;
}

/** A resolver for the judgement of one message. */
export interface DnsBudget extends Disposable {
  readonly resolver: Resolver;
  /** Different questions asked so far. */
  questions(): number;
  /** Whether a question was refused for its number or cut off by the deadline. */
  isExceeded(): boolean;
  /** Whether the resolver said that it is off. */
  isOff(): boolean;
}

const late = { kind: "none", failure: "timeout", isSecure: false } as const;

/**
 * Asks each question once, at most so many, and gives up on all that are open at the deadline:
 * those end as timeouts. Dispose it when the message is judged.
 */
export function createDnsBudget(
  resolver: Resolver,
  clock: Clock,
  limits: DnsBudgetLimits,
): DnsBudget {
  let questions = 0;
  let isExceeded = false;
  let isLate = false;
  let isOff = false;
  let giveUp: () => void = () => undefined;
  const deadline = new Promise<typeof late>((resolve) => {
    giveUp = () => {
      isLate = true;
      resolve(late);
    };
  });
  const timer: Timer = clock.after(limits.deadlineMs, giveUp);

  /** One memory for each type, so that an answer keeps the type of its question. */
  const limit = <Value>(ask: (name: string) => Promise<DnsAnswer<Value>>) => {
    const answers = new Map<string, Promise<DnsAnswer<Value>>>();
    return (name: string): Promise<DnsAnswer<Value>> => {
      const asked = answers.get(name);
      if (asked !== undefined) return asked;
      if (questions >= limits.questionsMax || isLate) {
        isExceeded = true;
        return Promise.resolve(late);
      }
      questions++;
      const first = Promise.race([ask(name), deadline]).then((given) => {
        if (given === late) isExceeded = true;
        isOff ||= given.kind === "none" && given.failure === "off";
        return given;
      });
      answers.set(name, first);
      return first;
    };
  };
  return {
    resolver: {
      mx: limit((name) => resolver.mx(name)),
      a: limit((name) => resolver.a(name)),
      aaaa: limit((name) => resolver.aaaa(name)),
      txt: limit((name) => resolver.txt(name)),
      ptr: limit((address) => resolver.ptr(address)),
      tlsa: limit((name) => resolver.tlsa(name)),
    },
    questions: () => questions,
    isExceeded: () => isExceeded,
    isOff: () => isOff,
    [Symbol.dispose]: () => timer.cancel(),
  };
}
