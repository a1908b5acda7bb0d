import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { JudgeSender } from "../delivery/delivery.ts";
import { boundedFacts } from "../journey/recorder.ts";
import { readHeader } from "../message/headers.ts";
import { isLoopback } from "../net/networks.ts";
import type { Resolver } from "../net/resolver.ts";
import { findForgedResults, formatAuthenticationResults } from "../trust/authentication-results.ts";
import { judgeMessage } from "../trust/judge-message.ts";
import type { MessageJudgement } from "../trust/judge-message.ts";
import { messageResults } from "../trust/message-results.ts";

export interface SenderJudgeOptions {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
  /** Our name, which our findings carry. */
  readonly hostName: string;
}

/**
 * Judges mail from other machines for delivery: an Authentication-Results field of ours in front,
 * forged ones out, and a step of the journey. Mail flows whatever is found, and without DNS. What
 * comes from this machine has no sender to judge.
 */
export function createSenderJudge(options: SenderJudgeOptions): JudgeSender {
  const { resolver, clock, log, hostName } = options;
  return async ({ connection, sender, journey }, message) => {
    const { remoteAddress, helo, protocol } = connection;
    if (protocol.base !== "smtp" || isLoopback(remoteAddress)) return undefined;
    const header = readHeader(message);
    const forged = findForgedResults(header, hostName);
    const client = { remoteAddress, helo, sender };
    try {
      const judgement = await judgeMessage(
        { ...client, message, header },
        { resolver, clock, receiver: hostName },
      );
      const fields = judgement.dns.isOff
        ? ""
        : formatAuthenticationResults(hostName, messageResults(judgement, client));
      const facts = boundedFacts(factsOf(judgement));
      return { fields, forged, step: { atMs: clock.now(), kind: "trust.judged", facts } };
    } catch (error) {
      // A fault of ours must not hold mail up.
      const detail = error instanceof Error ? error.stack : String(error);
      log.write("error", "trust.bug", { journey, detail });
      const facts = { problem: "a fault of this server" };
      return { fields: "", forged, step: { atMs: clock.now(), kind: "trust.judged", facts } };
    }
  };
}

function factsOf({ spf, dkim, dmarc, arc, iprev, dns }: MessageJudgement) {
  if (dns.isOff) return { dns: "off" };
  const signatures = dkim.signatures.map(({ result, domain }) => `${result} (${domain})`);
  const policy = dmarc.policy === undefined ? {} : { policy: dmarc.policy };
  const problem = dmarc.problem ?? spf.problem;
  return {
    spf: spf.domain === "" ? spf.result : `${spf.result} (${spf.domain})`,
    ...(spf.matched.length === 0 ? {} : { spfTerms: spf.matched }),
    dkim: signatures.length === 0 ? ["none"] : signatures,
    dmarc: dmarc.result,
    ...(dmarc.authorDomain === "" ? {} : { from: dmarc.authorDomain }),
    ...policy,
    ...(problem === undefined || dmarc.result === "pass" ? {} : { problem }),
    arc: arc.result,
    iprev: iprev.result,
    questions: dns.questions,
    elapsedMs: Math.round(dns.elapsedMs),
  };
}
