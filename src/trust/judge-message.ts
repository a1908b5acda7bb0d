import type { Clock } from "../base/clock.ts";
import type { Header } from "../message/headers.ts";
import { readHeader } from "../message/headers.ts";
import type { Resolver } from "../net/resolver.ts";
import type { ArcJudgement } from "./arc.ts";
import { verifyArc } from "./arc.ts";
import type { DkimJudgement } from "./dkim-verify.ts";
import { verifyDkim } from "./dkim-verify.ts";
import type { DmarcJudgement } from "./dmarc.ts";
import { judgeDmarc } from "./dmarc.ts";
import type { DnsBudgetLimits } from "./dns-budget.ts";
import { createDnsBudget } from "./dns-budget.ts";
import type { IprevJudgement } from "./iprev.ts";
import { judgeIprev } from "./iprev.ts";
import { viewMessage } from "./message-view.ts";
import type { SpfJudgement } from "./spf.ts";
import { judgeSpf } from "./spf.ts";

export interface JudgeQuery {
  readonly remoteAddress: string;
  readonly helo: string;
  /** MAIL FROM without brackets, empty for the null sender. */
  readonly sender: string;
  /** As it came, lines in CRLF. */
  readonly message: Uint8Array;
  /** When it was read already. */
  readonly header?: Header;
}

export interface JudgeContext {
  readonly resolver: Resolver;
  readonly clock: Clock;
  /** Our host name. */
  readonly receiver: string;
  readonly limits?: Partial<JudgeLimits>;
}

export interface JudgeLimits extends DnsBudgetLimits {
  readonly signaturesMax: number;
}

/**
 * RFC 7208 §4.6.4 asks for 20 s or more for SPF alone; a client waits for its answer meanwhile, and
 * who answers at all answers within one.
 */
export const judgeLimits: JudgeLimits = { questionsMax: 150, deadlineMs: 10_000, signaturesMax: 8 };

/** All that can be told about who sent a message. Plain data that survives JSON. */
export interface MessageJudgement {
  readonly spf: SpfJudgement;
  readonly dkim: DkimJudgement;
  readonly dmarc: DmarcJudgement;
  readonly arc: ArcJudgement;
  readonly iprev: IprevJudgement;
  readonly dns: {
    readonly questions: number;
    /** The budget ended before all questions were answered. */
    readonly isExceeded: boolean;
    /** There is no DNS here: checks that need it say so, and nothing is known. */
    readonly isOff: boolean;
    readonly elapsedMs: number;
  };
}

/**
 * Runs SPF, DKIM, ARC and iprev side by side, then DMARC over what they found, under one budget of
 * DNS questions and one deadline. Never throws, never rejects mail: it says what is so.
 */
export async function judgeMessage(
  query: JudgeQuery,
  context: JudgeContext,
): Promise<MessageJudgement> {
  const { clock, receiver } = context;
  const limits = { ...judgeLimits, ...context.limits };
  const startedMs = clock.monotonicMs();
  using budget = createDnsBudget(context.resolver, clock, limits);
  const { resolver } = budget;
  const view = viewMessage(query.message, query.header ?? readHeader(query.message));
  const nowMs = clock.now();
  const [spf, dkim, arc, iprev] = await Promise.all([
    judgeSpf(query, { resolver, receiver, nowMs }),
    verifyDkim(view, { resolver, nowMs, signaturesMax: limits.signaturesMax }),
    verifyArc(view, resolver),
    judgeIprev(query.remoteAddress, resolver),
  ]);
  const dmarc = await judgeDmarc(view, { spf, dkim: dkim.signatures }, resolver);
  const elapsedMs = clock.monotonicMs() - startedMs;
  const dns = {
    questions: budget.questions(),
    isExceeded: budget.isExceeded(),
    isOff: budget.isOff(),
    elapsedMs,
  };
  return { spf, dkim, dmarc, arc, iprev, dns };
}
