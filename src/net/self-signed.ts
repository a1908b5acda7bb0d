import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { concat, fromLatin1 } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import type { Random } from "../base/random.ts";
import { der } from "./der.ts";
import { parseIpv6 } from "./networks.ts";
import type { CertificatePair } from "./tls-context.ts";

export interface SelfSignedOptions {
  /** Host names and IP addresses that it is for; the first is its subject. At least one. */
  readonly names: readonly string[];
  /** From an hour before this moment, milliseconds since 1970, on. */
  readonly nowMs: number;
  /** For the serial number. The key comes from the system whatever is given here. */
  readonly random: Random;
}

const hourMs = 3_600_000;
/** As long as Apple's systems accept a certificate that a person has chosen to trust. */
const validMs = 825 * 24 * hourMs;
/** RFC 5280 appendix A.1, ub-common-name. */
const commonNameMax = 64;

const oids = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/**
 * A certificate signed by its own new ECDSA P-256 key (RFC 5280, version 3), for a start without
 * an authority (decision 0004). It is no certificate authority: trusting it trusts one server.
 * @throws Refusal `syntax` for a name that no certificate can hold.
 */
export function createSelfSigned({ names, nowMs, random }: SelfSignedOptions): CertificatePair {
  const subjects = names.map(parseSubject);
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const publicKeyInfo = publicKey.export({ type: "spki", format: "der" });
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const name = subjectName(subjects[0]?.text ?? "");
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(serialNumber(random)),
    algorithm,
    name,
    der.sequence(der.time(nowMs - hourMs), der.time(nowMs - hourMs + validMs)),
    name,
    publicKeyInfo,
    der.explicit(3, extensions(publicKeyInfo, subjects)),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = der.sequence(toBeSigned, algorithm, der.bits(signature));
  return {
    certificate: pem("CERTIFICATE", certificate),
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
}

interface Subject {
  readonly text: string;
  /** GeneralName, RFC 5280 §4.2.1.6. */
  readonly general: Uint8Array;
}

function parseSubject(name: string): Subject {
  const version = isIP(name);
  if (version !== 0) return { text: name, general: der.implicit(7, addressBytes(name)) };
  const ascii = domainToASCII(name);
  if (!/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(ascii)) {
    throw new Refusal("syntax", `"${name}" is neither a host name nor an address.`);
  }
  return { text: ascii, general: der.implicit(2, fromLatin1(ascii)) };
}

function addressBytes(address: string): Uint8Array {
  const words = parseIpv6(address);
  if (words === undefined) return Uint8Array.from(address.split("."), Number);
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

/** RFC 5280 §4.1.2.2: positive, at most 20 bytes. */
function serialNumber(random: Random): Uint8Array {
  const bytes = Uint8Array.from(random.bytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function subjectName(text: string): Uint8Array {
  const commonName = text.length <= commonNameMax ? text : "mail server";
  return der.sequence(der.set(der.sequence(der.oid(oids.commonName), der.utf8(commonName))));
}

function extensions(publicKeyInfo: Uint8Array, subjects: readonly Subject[]): Uint8Array {
  const extension = (oid: string, isCritical: boolean, value: Uint8Array): Uint8Array =>
    der.sequence(der.oid(oid), ...(isCritical ? [der.boolean(true)] : []), der.octets(value));
  const keyId = createHash("sha1").update(publicKeyInfo).digest();
  // RFC 5280 §4.2.1.3: digitalSignature is the first bit of its string.
  const digitalSignature = der.bits(Uint8Array.of(0x80), 7);
  return der.sequence(
    extension(oids.basicConstraints, true, der.sequence()),
    extension(oids.keyUsage, true, digitalSignature),
    extension(oids.extendedKeyUsage, false, der.sequence(der.oid(oids.serverAuth))),
    extension(oids.subjectKeyId, false, der.octets(keyId)),
    extension(
      oids.subjectAltName,
      false,
      der.sequence(concat(subjects.map(({ general }) => general))),
    ),
  );
}

/** RFC 7468 §2. */
function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
