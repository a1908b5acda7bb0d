import { asBuffer, concat } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import { DnsReader, labelBytesMax, malformed, nameBytesMax } from "./dns-reader.ts";
import { formatAddress } from "./networks.ts";
import type { MxRecord, TlsaRecord } from "./resolver.ts";

/** Types that we ask for or meet (RFC 1035 §3.2.2, RFC 3596, RFC 6698), by number. */
export const dnsTypes = { a: 1, cname: 5, soa: 6, ptr: 12, mx: 15, txt: 16, aaaa: 28, tlsa: 52 };
const optType = 41;

export type DnsData =
  | { readonly kind: "a" | "aaaa" | "ptr" | "cname" | "txt"; readonly value: string }
  | { readonly kind: "mx"; readonly value: MxRecord }
  | { readonly kind: "tlsa"; readonly value: TlsaRecord }
  /** How long the absence of a record may be remembered, seconds (RFC 2308 §5). */
  | { readonly kind: "soa"; readonly value: number }
  | { readonly kind: "other"; readonly value?: never };

export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly data: DnsData;
}

export interface DnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly isTruncated: boolean;
  /** RFC 4035 §3.2.3. */
  readonly isAuthentic: boolean;
  /** RFC 1035 §4.1.1: 0 is success, 2 server failure, 3 no such name. */
  readonly responseCode: number;
  readonly question: { readonly name: string; readonly type: number } | undefined;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
}

/** UDP size that we announce (RFC 6891 §6.2.5; 1232 passes everywhere without fragments). */
export const udpBytesMax = 1_232;
const headerBytes = 12;
/** Records read of one message; more than fit into 64 KiB of anything sensible. */
const recordsMax = 2_000;

const flagResponse = 0x8000;
const flagTruncated = 0x0200;
const flagRecursionDesired = 0x0100;
const flagAuthentic = 0x0020;

/**
 * A question for one name and type, with EDNS0, and with AD set, which asks for the resolver's
 * judgement about DNSSEC (RFC 6840 §5.7).
 * @throws Refusal `syntax` for a name that DNS cannot hold.
 */
export function formatQuery(id: number, name: string, type: number): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(flagRecursionDesired | flagAuthentic, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 10);
  const question = Buffer.from([type >> 8, type & 255, 0, 1]);
  const edns = Buffer.from([0, 0, optType, udpBytesMax >> 8, udpBytesMax & 255, 0, 0, 0, 0, 0, 0]);
  return concat([header, formatName(name), question, edns]);
}

/** A name as labels. @throws Refusal `syntax`. */
export function formatName(name: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const label of name === "" ? [] : name.split(".")) {
    const bytes = Buffer.from(label, "latin1");
    if (bytes.length === 0 || bytes.length > labelBytesMax) throw badName(name);
    parts.push(Uint8Array.of(bytes.length), bytes);
  }
  const whole = concat([...parts, Uint8Array.of(0)]);
  if (whole.length > nameBytesMax) throw badName(name);
  return whole;
}

/** Reads a message. @throws Refusal `syntax` for what is none. */
export function parseDnsMessage(bytes: Uint8Array): DnsMessage {
  const reader = new DnsReader(asBuffer(bytes));
  const id = reader.uint16();
  const flags = reader.uint16();
  const [questionCount, answerCount, authorityCount] = [
    reader.uint16(),
    reader.uint16(),
    reader.uint16(),
  ];
  reader.uint16();
  if (questionCount > 1) throw malformed("more than one question");
  const question = questionCount === 1 ? parseQuestion(reader) : undefined;
  const isTruncated = (flags & flagTruncated) !== 0;
  return {
    id,
    isResponse: (flags & flagResponse) !== 0,
    isTruncated,
    isAuthentic: (flags & flagAuthentic) !== 0,
    responseCode: flags & 15,
    question,
    // What a truncated message still holds is of no use: it is asked for again over TCP.
    answers: isTruncated ? [] : parseRecords(reader, answerCount),
    authorities: isTruncated ? [] : parseRecords(reader, authorityCount),
  };
}

function parseQuestion(reader: DnsReader): { name: string; type: number } {
  const name = reader.name();
  const type = reader.uint16();
  reader.uint16();
  return { name, type };
}

function parseRecords(reader: DnsReader, count: number): DnsRecord[] {
  if (count > recordsMax) throw malformed("too many records");
  return Array.from({ length: count }, () => {
    const name = reader.name();
    const type = reader.uint16();
    const recordClass = reader.uint16();
    // RFC 2181 §8: a number with the first bit set counts as zero.
    const ttl = reader.uint32();
    const ttlSeconds = ttl > 0x7fff_ffff ? 0 : ttl;
    const length = reader.uint16();
    const data = recordClass === 1 ? parseData(reader.within(length), type, length) : other;
    reader.skip(length);
    return { name, type, ttlSeconds, data };
  });
}

const other: DnsData = { kind: "other" };

function parseData(data: DnsReader, type: number, length: number): DnsData {
  switch (type) {
    case dnsTypes.a:
      if (length !== 4) throw malformed("address length");
      return { kind: "a", value: formatAddress(data.bytes(4)) };
    case dnsTypes.aaaa:
      if (length !== 16) throw malformed("address length");
      return { kind: "aaaa", value: formatAddress(data.bytes(16)) };
    case dnsTypes.ptr:
      return { kind: "ptr", value: data.name() };
    case dnsTypes.cname:
      return { kind: "cname", value: data.name() };
    case dnsTypes.mx:
      return { kind: "mx", value: { preference: data.uint16(), exchange: data.name() } };
    case dnsTypes.txt:
      return { kind: "txt", value: data.strings() };
    // RFC 6698 §2.1.
    case dnsTypes.tlsa: {
      const [usage, selector, matching] = [data.uint8(), data.uint8(), data.uint8()];
      return { kind: "tlsa", value: { usage, selector, matching, data: data.rest() } };
    }
    case dnsTypes.soa: {
      data.name();
      data.name();
      data.skip(16);
      return { kind: "soa", value: data.uint32() };
    }
    default:
      return other;
  }
}

function badName(name: string): Refusal {
  return new Refusal("syntax", `"${name.slice(0, 100)}" is no name that DNS can hold.`);
}
