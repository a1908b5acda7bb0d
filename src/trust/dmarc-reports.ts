import type { Resolver } from "../net/resolver.ts";
import type { DmarcJudgement, DmarcPolicy } from "./dmarc.ts";
import { isDmarcRecord } from "./dmarc/record.ts";
import { findHostName } from "./names.ts";
import type { MessageJudgement } from "./judge-message.ts";

/** What one message adds to an aggregate report (RFC 9990 §3.1). Plain data. */
export interface DmarcReportRow {
  readonly sourceAddress: string;
  readonly disposition: DmarcPolicy;
  /** Aligned results: what DMARC went by. */
  readonly dkim: "pass" | "fail";
  readonly spf: "pass" | "fail";
  readonly headerFrom: string;
  readonly envelopeFrom: string;
  readonly dkimResults: readonly {
    readonly domain: string;
    readonly selector: string;
    readonly result: string;
  }[];
  readonly spfResult: { readonly domain: string; readonly result: string };
}

/** A row and how often it came. */
export interface CountedRow {
  readonly row: DmarcReportRow;
  readonly count: number;
}

/** An aggregate report as data (RFC 9990 §3.1): one domain's mail of one period. */
export interface DmarcAggregateReport {
  readonly organization: string;
  readonly contact: string;
  readonly reportId: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly policy: {
    readonly domain: string;
    readonly record: NonNullable<DmarcJudgement["record"]>;
  };
  readonly rows: readonly CountedRow[];
}

/** What a failure report is about (RFC 9991 §3); the message itself goes along redacted. */
export interface DmarcFailureReport {
  readonly reason: "dmarc" | "dkim" | "spf";
  readonly row: DmarcReportRow;
  /** Milliseconds since 1970. */
  readonly arrivedAtMs: number;
}

/** Signatures of one message that a report lists (RFC 9990 §3.1.1.11 leaves it to the reporter). */
const signaturesMax = 8;

/** The row of a judged message; undefined when no policy applies to it and nobody is to be told. */
export function reportRow(
  { spf, dkim, dmarc }: Pick<MessageJudgement, "spf" | "dkim" | "dmarc">,
  client: { readonly remoteAddress: string; readonly sender: string },
  applied: DmarcPolicy,
): DmarcReportRow | undefined {
  if (dmarc.record === undefined || dmarc.record.aggregateReportUris.length === 0) return undefined;
  return {
    sourceAddress: client.remoteAddress,
    disposition: applied,
    dkim: dmarc.alignedDkim.length > 0 ? "pass" : "fail",
    spf: dmarc.alignedSpf === undefined ? "fail" : "pass",
    headerFrom: dmarc.authorDomain,
    envelopeFrom: findHostName(client.sender.slice(client.sender.lastIndexOf("@") + 1)) ?? "",
    dkimResults: dkim.signatures
      .filter(({ domain }) => domain !== "")
      .slice(0, signaturesMax)
      .map(({ domain, selector, result }) => ({ domain, selector, result })),
    spfResult: { domain: spf.domain, result: spf.result },
  };
}

/** Rows that are the same, counted, in the order they first came. */
export function countRows(rows: Iterable<DmarcReportRow>): readonly CountedRow[] {
  const counted = new Map<string, { row: DmarcReportRow; count: number }>();
  for (const row of rows) {
    const key = JSON.stringify(row);
    const known = counted.get(key);
    if (known === undefined) counted.set(key, { row, count: 1 });
    else known.count++;
  }
  return [...counted.values()];
}

/** Why a failure report is wanted (RFC 9989 §4.7 `fo`); undefined when none is. */
export function failureReportReason({
  spf,
  dkim,
  dmarc,
}: Pick<MessageJudgement, "spf" | "dkim" | "dmarc">): DmarcFailureReport["reason"] | undefined {
  const { record } = dmarc;
  if (record === undefined || record.failureReportUris.length === 0) return undefined;
  const wants = (option: string) => record.failureOptions.includes(option);
  const isSpfAligned = dmarc.alignedSpf !== undefined;
  const isDkimAligned = dmarc.alignedDkim.length > 0;
  if (wants("0") && dmarc.result === "fail") return "dmarc";
  if (wants("1") && !(isSpfAligned && isDkimAligned)) return "dmarc";
  if (wants("d") && dkim.signatures.some(({ result }) => result === "fail")) return "dkim";
  return wants("s") && spf.result === "fail" ? "spf" : undefined;
}

/**
 * Whether reports about a domain may go to an address (RFC 9990 §4): one in the domain's own
 * organization, or one whose domain says in DNS that it takes them.
 */
export async function acceptsReports(
  resolver: Resolver,
  policyDomain: string,
  organization: string,
  uri: string,
): Promise<boolean> {
  const address = /^mailto:[^@?]+@([^?]+)/i.exec(uri)?.[1];
  const domain = address === undefined ? undefined : findHostName(address);
  if (domain === undefined) return false;
  if (domain === organization || domain.endsWith(`.${organization}`)) return true;
  const answer = await resolver.txt(`${policyDomain}._report._dmarc.${domain}`);
  return answer.kind === "found" && answer.records.some(isDmarcRecord);
}
