import { isIP } from "node:net";
import { asBuffer, CR, latin1, LF } from "../base/bytes.ts";
import type { Endpoint } from "./network.ts";
import { formatAddress, plainAddress } from "./networks.ts";

/** What the start of a connection from a proxy says. */
export type ProxyHeaderAnswer =
  /** The header is not whole yet. */
  | { readonly kind: "needsMore" }
  | { readonly kind: "invalid"; readonly why: string }
  /** The proxy speaks for itself (a health check), or for a peer that is no TCP one. */
  | { readonly kind: "own"; readonly headerBytes: number }
  | {
      readonly kind: "proxied";
      readonly headerBytes: number;
      readonly remote: Endpoint;
      readonly local: Endpoint;
    };

/** Longest v1 line with its CRLF (HAProxy's proxy-protocol.txt §2.1). */
const v1BytesMax = 107;
/** Longest v2 header that we take: 16 bytes, addresses, and TLVs within reason. */
const v2BytesMax = 4096;

const v1Signature = Buffer.from("PROXY ", "latin1");
/** proxy-protocol.txt §2.2. */
const v2Signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const v2FixedBytes = 16;

const needsMore: ProxyHeaderAnswer = { kind: "needsMore" };

/** Reads a PROXY protocol header, version 1 or 2, at the start of `bytes`. Never throws. */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeaderAnswer {
  if (startsLike(bytes, v2Signature)) {
    return bytes.length < v2FixedBytes ? needsMore : parseV2(asBuffer(bytes));
  }
  if (startsLike(bytes, v1Signature)) {
    return bytes.length < v1Signature.length ? needsMore : parseV1(bytes);
  }
  return invalid("no PROXY header");
}

/** Whether one is the start of the other. */
function startsLike(bytes: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let at = 0; at < length; at++) if (bytes[at] !== signature[at]) return false;
  return true;
}

function parseV1(bytes: Uint8Array): ProxyHeaderAnswer {
  const end = bytes.subarray(0, v1BytesMax).indexOf(LF);
  if (end < 0) return bytes.length < v1BytesMax ? needsMore : invalid("v1 line too long");
  if (bytes[end - 1] !== CR) return invalid("v1 line without CRLF");
  const headerBytes = end + 1;
  const words = latin1(bytes, v1Signature.length, end - 1).split(" ");
  const [family, source = "", destination = "", sourcePort = "", destinationPort = ""] = words;
  // §2.1: whatever stands behind UNKNOWN is ignored.
  if (family === "UNKNOWN") return { kind: "own", headerBytes };
  const version = family === "TCP4" ? 4 : family === "TCP6" ? 6 : undefined;
  if (version === undefined || words.length !== 5) return invalid("v1 line malformed");
  if (isIP(source) !== version || isIP(destination) !== version || /%/.test(source + destination)) {
    return invalid("v1 address malformed");
  }
  const remotePort = parsePort(sourcePort);
  const localPort = parsePort(destinationPort);
  if (remotePort === undefined || localPort === undefined) return invalid("v1 port malformed");
  return {
    kind: "proxied",
    headerBytes,
    remote: { address: plainAddress(source.toLowerCase()), port: remotePort },
    local: { address: plainAddress(destination.toLowerCase()), port: localPort },
  };
}

function parsePort(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,4})$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

function parseV2(bytes: Buffer): ProxyHeaderAnswer {
  const [version, command] = nibbles(bytes.readUInt8(12));
  const [family, transport] = nibbles(bytes.readUInt8(13));
  const headerBytes = v2FixedBytes + bytes.readUInt16BE(14);
  if (version !== 2 || command > 1) return invalid("v2 version or command unknown");
  // §2.2: families and transports beyond these must be refused, but LOCAL ignores both.
  if (command === 1 && (family > 3 || transport > 2))
    return invalid("v2 family or transport unknown");
  if (headerBytes > v2BytesMax) return invalid("v2 header too long");
  if (bytes.length < headerBytes) return needsMore;
  // §2.2: LOCAL, and families that we cannot name, keep the connection's own addresses.
  if (command === 0 || transport !== 1 || (family !== 1 && family !== 2)) {
    return { kind: "own", headerBytes };
  }
  const addressBytes = family === 1 ? 4 : 16;
  if (headerBytes < v2FixedBytes + 2 * addressBytes + 4) return invalid("v2 header too short");
  const address = (at: number): string =>
    formatAddress(bytes.subarray(v2FixedBytes + at, v2FixedBytes + at + addressBytes));
  const portsAt = v2FixedBytes + 2 * addressBytes;
  return {
    kind: "proxied",
    headerBytes,
    remote: { address: address(0), port: bytes.readUInt16BE(portsAt) },
    local: { address: address(addressBytes), port: bytes.readUInt16BE(portsAt + 2) },
  };
}

function nibbles(byte: number): readonly [number, number] {
  return [byte >> 4, byte & 15];
}

function invalid(why: string): ProxyHeaderAnswer {
  return { kind: "invalid", why };
}
