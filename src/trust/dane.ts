import { createHash, X509Certificate } from "node:crypto";
import type { DnsAnswer, TlsaRecord } from "../net/resolver.ts";
import { findHostName } from "./names.ts";

/** What the TLSA records of a host ask of a connection (RFC 7672 §2.2). */
export type DanePlan =
  | { readonly kind: "none"; readonly problem?: string }
  /** DNS cannot be trusted now: the host must not be used (§2.1.1). */
  | { readonly kind: "unavailable"; readonly problem: string }
  /** TLS is a must, but no record can be used to prove who answers (§2.2). */
  | { readonly kind: "encrypt" }
  | { readonly kind: "authenticate"; readonly records: readonly TlsaRecord[] };

export interface DaneJudgement {
  readonly result: "pass" | "fail";
  /** Of the record that fits: `3 1 1` and the like. */
  readonly record?: string;
  readonly problem?: string;
}

/** Records and certificates that are looked at. */
const limits = { records: 50, certificates: 20 };

/**
 * What to do about a host, from the answer for `_25._tcp.HOST` and whether its addresses came with
 * DNSSEC (RFC 7672 §2.2.2): only then are its TLSA records asked for at all.
 */
export function planDane(answer: DnsAnswer<TlsaRecord>, isHostSecure: boolean): DanePlan {
  if (!isHostSecure) return { kind: "none", problem: "the host is not in DNSSEC" };
  if (answer.kind === "none") {
    if (answer.failure === "off") return { kind: "none", problem: "DNS is off" };
    if (answer.failure === "notFound" || answer.failure === "noData") return { kind: "none" };
    return { kind: "unavailable", problem: `DNS gave no TLSA records: ${answer.failure}` };
  }
  if (!answer.isSecure) return { kind: "none", problem: "the TLSA records are not in DNSSEC" };
  const records = answer.records.slice(0, limits.records).filter(isUsable);
  return records.length === 0 ? { kind: "encrypt" } : { kind: "authenticate", records };
}

/** RFC 7672 §3.1: usages 2 and 3, and what RFC 6698 §2.1 knows of the rest. */
function isUsable({ usage, selector, matching, data }: TlsaRecord): boolean {
  const length = matching === 1 ? 32 : matching === 2 ? 64 : undefined;
  return (
    (usage === 2 || usage === 3) &&
    (selector === 0 || selector === 1) &&
    matching <= 2 &&
    data.length > 0 &&
    (length === undefined || data.length === length)
  );
}

/**
 * Judges the chain that a host showed, its own certificate first, each in DER (RFC 7672 §3.1). Names
 * and dates do not count for usage 3; for usage 2 the chain must hold up to the anchor, be valid at
 * `nowMs`, and be for one of `names`: the next-hop domain and the host (§3.2.2). Never throws.
 */
export function judgeDane(
  records: readonly TlsaRecord[],
  chain: readonly Uint8Array[],
  names: readonly string[],
  nowMs: number,
): DaneJudgement {
  const certificates = chain.slice(0, limits.certificates).map(readCertificate);
  const [own] = certificates;
  if (own === undefined) return { result: "fail", problem: "the host showed no certificate" };
  const entity = records.find((record) => record.usage === 3 && fits(record, own));
  if (entity !== undefined) return { result: "pass", record: nameOf(entity) };
  let problem = "no TLSA record fits the certificate";
  for (const record of records) {
    if (record.usage !== 2) continue;
    const at = certificates.findIndex((each) => each !== undefined && fits(record, each));
    const path = at < 0 ? [] : certificates.slice(0, at + 1);
    const found = at < 0 ? undefined : faultOfPath(path, names, nowMs);
    if (at >= 0 && found === undefined) return { result: "pass", record: nameOf(record) };
    if (found !== undefined) problem = found;
  }
  return { result: "fail", problem };
}

function nameOf({ usage, selector, matching }: TlsaRecord): string {
  return `${usage} ${selector} ${matching}`;
}

function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    // A stranger's bytes that are no certificate fit no record.
    return undefined;
  }
}

/** RFC 6698 §2.1: the whole certificate or its public key, plain or as a hash. */
function fits({ selector, matching, data }: TlsaRecord, certificate: X509Certificate): boolean {
  const content = selector === 0 ? certificate.raw : readPublicKey(certificate);
  if (content === undefined) return false;
  if (matching === 0) return content.equals(data);
  return createHash(matching === 1 ? "sha256" : "sha512")
    .update(content)
    .digest()
    .equals(data);
}

function readPublicKey(certificate: X509Certificate): Buffer | undefined {
  try {
    return certificate.publicKey.export({ format: "der", type: "spki" });
  } catch {
    // A kind of key that OpenSSL does not know fits no record.
    return undefined;
  }
}

/** Why a chain from the host's certificate up to an anchor does not hold. */
function faultOfPath(
  path: readonly (X509Certificate | undefined)[],
  names: readonly string[],
  nowMs: number,
): string | undefined {
  const [own] = path;
  for (const [at, certificate] of path.entries()) {
    if (certificate === undefined) return "a certificate of the chain cannot be read";
    if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) {
      return "a certificate of the chain is not valid now";
    }
    const issuer = path[at + 1];
    if (at === path.length - 1) break;
    if (issuer === undefined || !issuer.ca || !isIssuedBy(certificate, issuer)) {
      return "the chain does not hold";
    }
  }
  const isNamed = names.some((name) => {
    const host = findHostName(name);
    return host !== undefined && own?.checkHost(host, { partialWildcards: false }) !== undefined;
  });
  return isNamed ? undefined : "the certificate is for another name";
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key that cannot verify such a signature did not make it.
    return false;
  }
}
