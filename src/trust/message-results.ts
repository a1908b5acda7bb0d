import type { MethodResult } from "./authentication-results.ts";
import type { DkimSignatureJudgement } from "./dkim-verify.ts";
import type { DmarcJudgement } from "./dmarc.ts";
import type { MessageJudgement } from "./judge-message.ts";
import type { SpfJudgement } from "./spf.ts";

/** What a judgement says in an Authentication-Results field (RFC 8601 §2.7). */
export function messageResults(
  judgement: MessageJudgement,
  client: { readonly remoteAddress: string; readonly sender: string; readonly helo: string },
): readonly MethodResult[] {
  const { spf, dkim, dmarc, arc, iprev } = judgement;
  return [
    {
      method: "iprev",
      result: iprev.result,
      ...comment(iprev.names[0] ?? iprev.problem),
      properties: [["policy.iprev", client.remoteAddress]],
    },
    spfResult(spf, client),
    ...(dkim.signatures.length === 0
      ? [{ method: "dkim", result: "none", properties: [] }]
      : dkim.signatures.map(dkimResult)),
    ...(arc.result === "none"
      ? []
      : [{ method: "arc", result: arc.result, ...comment(arc.problem), properties: [] }]),
    dmarcResult(dmarc),
  ];
}

/** RFC 8601 §2.7.2. */
function spfResult(
  spf: SpfJudgement,
  { sender, helo }: { readonly sender: string; readonly helo: string },
): MethodResult {
  const identity = spf.identity === "helo" ? "smtp.helo" : "smtp.mailfrom";
  return {
    method: "spf",
    result: spf.result,
    ...comment(spf.matched.length > 0 ? spf.matched.join(", ") : spf.problem),
    properties: [[identity, spf.identity === "helo" ? helo : sender]],
  };
}

/** RFC 8601 §2.7.1, RFC 6008 §4. */
function dkimResult(signature: DkimSignatureJudgement): MethodResult {
  const { result, problem, keyBits, domain, selector, algorithm, signatureStart } = signature;
  const unsigned = signature.unsignedBodyBytes;
  const said = [
    problem,
    keyBits === undefined ? undefined : `${keyBits}-bit key`,
    signature.isTesting ? "in testing" : undefined,
    unsigned > 0 ? `${unsigned} bytes of the body are not signed` : undefined,
  ].filter((text) => text !== undefined);
  const properties = [
    ["header.d", domain],
    ["header.s", selector],
    ["header.a", algorithm],
    ["header.b", signatureStart],
  ] as const;
  return {
    method: "dkim",
    result,
    ...comment(said.length === 0 ? undefined : said.join(", ")),
    properties: properties.filter(([, value]) => value !== ""),
  };
}

/** RFC 8601 §2.7, RFC 9989 §5.3: the domain readers see, and what its owner asks. */
function dmarcResult(dmarc: DmarcJudgement): MethodResult {
  const { result, problem, policy, policyTag, authorDomain, disposition } = dmarc;
  const asked =
    policy === undefined ? undefined : `${policyTag ?? "p"}=${policy} dis=${disposition}`;
  return {
    method: "dmarc",
    result,
    ...comment(problem ?? asked),
    properties: authorDomain === "" ? [] : [["header.from", authorDomain]],
  };
}

function comment(text: string | undefined): { comment?: string } {
  return text === undefined ? {} : { comment: text };
}
