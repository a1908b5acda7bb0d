import type { Resolver } from "../../net/resolver.ts";
import type { DmarcRecord } from "./record.ts";
import { isDmarcRecord, parseDmarcRecord } from "./record.ts";

/** RFC 9989 §4.10: names asked about, however long a domain is. */
const labelsKept = 7;

export interface FoundRecord {
  readonly domain: string;
  readonly record: DmarcRecord;
}

/** What a walk up the tree found, from the longest name to the shortest. */
export type TreeWalk =
  | { readonly kind: "walked"; readonly found: readonly FoundRecord[] }
  | { readonly kind: "failed"; readonly problem: string };

/** Walks from a domain to the root of the tree (RFC 9989 §4.10): at most 8 questions. */
export async function walkTree(resolver: Resolver, domain: string): Promise<TreeWalk> {
  const found: FoundRecord[] = [];
  for (const name of namesToAsk(domain)) {
    const answer = await findDmarcRecord(resolver, name);
    if (answer.kind === "failed") return answer;
    if (answer.record === undefined) continue;
    found.push({ domain: name, record: answer.record });
    if (answer.record.suffix !== "unknown") break;
  }
  return { kind: "walked", found };
}

/** The domain itself, then its parents of at most seven labels. */
export function namesToAsk(domain: string): readonly string[] {
  const labels = domain.split(".");
  const names = [domain];
  for (let count = Math.min(labels.length - 1, labelsKept); count > 0; count--) {
    names.push(labels.slice(-count).join("."));
  }
  return names;
}

/** The one record that a name has; several are none (RFC 9989 §4.10 step 2). */
async function findDmarcRecord(resolver: Resolver, domain: string) {
  const answer = await resolver.txt(`_dmarc.${domain}`);
  if (answer.kind === "none") {
    if (answer.failure === "notFound" || answer.failure === "noData") {
      return { kind: "asked", record: undefined } as const;
    }
    const problem = answer.failure === "off" ? "DNS is off" : `DNS: ${answer.failure}`;
    return { kind: "failed", problem } as const;
  }
  const [text, ...more] = answer.records.filter(isDmarcRecord);
  const isOne = text !== undefined && more.length === 0;
  return { kind: "asked", record: isOne ? parseDmarcRecord(text) : undefined } as const;
}

/** The organizational domain that a walk from `domain` tells (RFC 9989 §4.10.2). */
export function organizationalDomain(domain: string, found: readonly FoundRecord[]): string {
  for (const { domain: name, record } of found) {
    if (record.suffix === "no") return name;
    if (record.suffix === "yes" && name !== domain) return oneBelow(domain, name);
  }
  return found.at(-1)?.domain ?? domain;
}

/** The part of `domain` with one label more than `suffix`. */
function oneBelow(domain: string, suffix: string): string {
  const count = suffix.split(".").length + 1;
  return domain.split(".").slice(-count).join(".");
}
