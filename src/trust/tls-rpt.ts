import { parseTagList } from "./grammar/tag-list.ts";

/** RFC 8460 §4.3. */
export type TlsResultType =
  | "starttls-not-supported"
  | "certificate-host-mismatch"
  | "certificate-expired"
  | "certificate-not-trusted"
  | "validation-failure"
  | "tlsa-invalid"
  | "dnssec-invalid"
  | "dane-required"
  | "sts-policy-fetch-error"
  | "sts-policy-invalid"
  | "sts-webpki-invalid";

/** The policy under which a session was made (RFC 8460 §4.2). */
export interface TlsReportPolicy {
  readonly type: "tlsa" | "sts" | "no-policy-found";
  /** Lines of the MTA-STS policy, or TLSA records as text. */
  readonly text: readonly string[];
  readonly domain: string;
  /** MX patterns of the MTA-STS policy, or the host of the TLSA records. */
  readonly mxHosts: readonly string[];
}

/** One attempt to deliver over TLS. */
export interface TlsSession {
  readonly policy: TlsReportPolicy;
  /** Undefined when it succeeded. */
  readonly failure?: {
    readonly type: TlsResultType;
    readonly sendingAddress?: string;
    readonly receivingHost?: string;
    readonly receivingAddress?: string;
    readonly reason?: string;
  };
}

export interface TlsReportFacts {
  readonly organization: string;
  /** Mailbox of whoever answers for the report. */
  readonly contact: string;
  readonly reportId: string;
  /** Milliseconds since 1970: first and last moment of the UTC day. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Different failures of one policy that a report lists; more count only in the sum. */
const failuresMax = 1_000;

/** Where reports about a domain go: URIs of its one TLSRPT record (RFC 8460 §3). */
export function findTlsReportUris(records: readonly string[]): readonly string[] {
  const own = records.filter((text) => /^v=TLSRPTv1[ \t]*;/.test(text));
  const tags = own.length === 1 ? parseTagList(own[0] ?? "") : undefined;
  return (tags?.get("rua") ?? "")
    .split(",", 10)
    .map((uri) => uri.trim())
    .filter((uri) => /^(?:mailto|https):[\x21-\x7e]+$/i.test(uri));
}

/**
 * The report of a day about one domain (RFC 8460 §4.4) as JSON text: sessions summed by policy, and
 * failures by what they have in common.
 */
export function buildTlsReport(facts: TlsReportFacts, sessions: Iterable<TlsSession>): string {
  const policies = new Map<string, PolicySum>();
  for (const session of sessions) addSession(policies, session);
  return JSON.stringify({
    "organization-name": facts.organization,
    "date-range": {
      "start-datetime": formatTime(facts.startMs),
      "end-datetime": formatTime(facts.endMs),
    },
    "contact-info": facts.contact,
    "report-id": facts.reportId,
    policies: [...policies.values()].map(({ policy, succeeded, failed, failures }) => ({
      policy: {
        "policy-type": policy.type,
        "policy-string": policy.text,
        "policy-domain": policy.domain,
        "mx-host": policy.mxHosts,
      },
      summary: {
        "total-successful-session-count": succeeded,
        "total-failure-session-count": failed,
      },
      ...(failures.size === 0 ? {} : { "failure-details": [...failures.values()] }),
    })),
  });
}

interface PolicySum {
  readonly policy: TlsReportPolicy;
  succeeded: number;
  failed: number;
  readonly failures: Map<string, FailureDetail>;
}

interface FailureDetail {
  readonly "result-type": TlsResultType;
  readonly "sending-mta-ip"?: string;
  readonly "receiving-mx-hostname"?: string;
  readonly "receiving-ip"?: string;
  readonly "failure-reason-code"?: string;
  "failed-session-count": number;
}

function addSession(policies: Map<string, PolicySum>, { policy, failure }: TlsSession): void {
  const key = JSON.stringify([policy.type, policy.domain, policy.text, policy.mxHosts]);
  const sum = policies.get(key) ?? { policy, succeeded: 0, failed: 0, failures: new Map() };
  policies.set(key, sum);
  if (failure === undefined) {
    sum.succeeded++;
    return;
  }
  sum.failed++;
  const { type, sendingAddress, receivingHost, receivingAddress, reason } = failure;
  const failureKey = JSON.stringify([
    type,
    sendingAddress,
    receivingHost,
    receivingAddress,
    reason,
  ]);
  const known = sum.failures.get(failureKey);
  if (known !== undefined) known["failed-session-count"]++;
  else if (sum.failures.size < failuresMax) {
    sum.failures.set(failureKey, {
      "result-type": type,
      ...(sendingAddress === undefined ? {} : { "sending-mta-ip": sendingAddress }),
      ...(receivingHost === undefined ? {} : { "receiving-mx-hostname": receivingHost }),
      ...(receivingAddress === undefined ? {} : { "receiving-ip": receivingAddress }),
      ...(reason === undefined ? {} : { "failure-reason-code": reason }),
      "failed-session-count": 1,
    });
  }
}

/** RFC 3339 §5.6, whole seconds in UTC. */
function formatTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}
