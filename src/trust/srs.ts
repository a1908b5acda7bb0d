import { createHmac, timingSafeEqual } from "node:crypto";
import { findHostName } from "./names.ts";

export interface SrsOptions {
  /** Newest first: signs with the first, reads with all. At least 16 bytes each. */
  readonly secrets: readonly Uint8Array[];
  /** Our domain, whose SPF record lets us send. */
  readonly domain: string;
  /** Days that a rewritten sender can be bounced to; 21 unless given. */
  readonly validDays?: number;
}

/** What a local part that looks rewritten is. */
export type SrsReading =
  | { readonly kind: "sender"; readonly address: string }
  | { readonly kind: "none" }
  | { readonly kind: "invalid"; readonly problem: string };

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const dayMs = 86_400_000;
/** Days come round again after this many: two letters of base 32. */
const dayCount = 1_024;
const hashLength = 8;
const validDaysDefault = 21;
/** RFC 5321 §4.5.3.1.1. */
const localLengthMax = 64;

/**
 * The sender to use when mail is forwarded, so that SPF of the next hop passes and bounces find
 * their way (the Sender Rewriting Scheme): SRS0 for a plain sender, SRS1 for one that was rewritten
 * already. The sender as it is when it is ours, empty, or would grow too long.
 */
export function rewriteSender(sender: string, nowMs: number, options: SrsOptions): string {
  const at = sender.lastIndexOf("@");
  const local = sender.slice(0, at);
  const domain = findHostName(sender.slice(at + 1));
  if (at < 1 || domain === undefined || domain === findHostName(options.domain)) return sender;
  const [secret] = options.secrets;
  if (secret === undefined) return sender;
  const rewritten = rewriteLocal(local, domain, nowMs, secret);
  return rewritten.length > localLengthMax ? sender : `${rewritten}@${options.domain}`;
}

function rewriteLocal(local: string, domain: string, nowMs: number, secret: Uint8Array): string {
  const again = /^SRS1[=+-][^=]+=([^=]+)=(=?[^]+)$/i.exec(local);
  const first = /^SRS0([=+-][^]+)$/i.exec(local);
  if (again !== null || first !== null) {
    // Whoever rewrote first gets the bounce, over us: no more than two hops, however many there were.
    const host = again?.[1] ?? domain;
    const rest = again?.[2] ?? first?.[1] ?? "";
    return `SRS1=${hash(secret, `${host}=${rest}`)}=${host}=${rest}`;
  }
  const day = formatDay(nowMs);
  return `SRS0=${hash(secret, `${day}=${domain}=${local}`)}=${day}=${domain}=${local}`;
}

/** The sender that a rewritten local part stands for; `none` when it is a plain one. */
export function readSender(local: string, nowMs: number, options: SrsOptions): SrsReading {
  if (!/^SRS[01][=+-]/i.test(local)) return { kind: "none" };
  const first = /^SRS0[=+-]([^=]{8})=([A-Z2-7]{2})=([^=]+)=([^]+)$/i.exec(local);
  if (first !== null) {
    const [, given = "", day = "", domain = "", name = ""] = first;
    if (!isSigned(given, `${day.toUpperCase()}=${domain}=${name}`, options)) return forged;
    if (ageInDays(day, nowMs) > (options.validDays ?? validDaysDefault)) {
      return { kind: "invalid", problem: "the rewritten sender has expired" };
    }
    return { kind: "sender", address: `${name}@${domain}` };
  }
  const again = /^SRS1[=+-]([^=]{8})=([^=]+)=([=+-][^]+)$/i.exec(local);
  if (again === null) return { kind: "invalid", problem: "the rewritten sender is malformed" };
  const [, given = "", host = "", rest = ""] = again;
  if (!isSigned(given, `${host}=${rest}`, options)) return forged;
  return { kind: "sender", address: `SRS0${rest}@${host}` };
}

const forged: SrsReading = { kind: "invalid", problem: "the rewritten sender is not of ours" };

function isSigned(given: string, text: string, { secrets }: SrsOptions): boolean {
  const presented = Buffer.from(given.toUpperCase());
  return secrets.some((secret) => {
    const expected = Buffer.from(hash(secret, text));
    return presented.length === expected.length && timingSafeEqual(presented, expected);
  });
}

/** 40 bits as letters that survive a change of case. */
function hash(secret: Uint8Array, text: string): string {
  // Domains and local parts may change their case on the way.
  const digest = createHmac("sha256", secret).update(text.toLowerCase()).digest();
  let bits = 0n;
  for (const byte of digest.subarray(0, 5)) bits = (bits << 8n) | BigInt(byte);
  let letters = "";
  for (let count = 0; count < hashLength; count++) {
    letters = base32.charAt(Number(bits & 31n)) + letters;
    bits >>= 5n;
  }
  return letters;
}

function formatDay(nowMs: number): string {
  const day = Math.floor(nowMs / dayMs) % dayCount;
  return base32.charAt(day >> 5) + base32.charAt(day & 31);
}

function ageInDays(day: string, nowMs: number): number {
  const [high = "", low = ""] = day.toUpperCase();
  const made = base32.indexOf(high) * 32 + base32.indexOf(low);
  const today = Math.floor(nowMs / dayMs) % dayCount;
  return (today - made + dayCount) % dayCount;
}
