import { parseAddressLiteral } from "./literal.ts";
import { badArgument } from "./refusals.ts";
import { parseXtext } from "./xtext.ts";

/** Whom a trusted peer speaks for, as far as it says so. */
export interface Attributes {
  /** Numeric address, IPv6 without its tag. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly name: string | undefined;
  readonly helo: string | undefined;
  /** XCLIENT only: who has logged in at the peer. */
  readonly login: string | undefined;
}

const common = ["NAME", "ADDR", "PORT", "PROTO", "HELO"] as const;
/** Attributes of Postfix's XCLIENT and XFORWARD (its XCLIENT_README and XFORWARD_README). */
export const xclientNames: readonly string[] = [...common, "LOGIN", "DESTADDR", "DESTPORT"];
export const xforwardNames: readonly string[] = [...common, "IDENT", "SOURCE"];

const valueMax = 255;

/**
 * Reads "NAME=value ADDR=value", values in xtext, in any order, each once. "[UNAVAILABLE]" and
 * "[TEMPUNAVAIL]" say that the peer does not know.
 * @throws SmtpRefusal 501 for a wrong form, another attribute, or a value that cannot be.
 */
export function parseAttributes(text: string, names: readonly string[]): Attributes {
  const found = new Map<string, string | undefined>();
  const words = text.split(" ").filter((word) => word !== "");
  if (words.length === 0) throw badArgument("Write NAME=value.");
  for (const word of words) {
    const equals = word.indexOf("=");
    const name = word.slice(0, equals).toUpperCase();
    if (equals < 0 || !names.includes(name)) throw badArgument(`Attributes: ${names.join(" ")}.`);
    if (found.has(name)) throw badArgument(`${name} is given twice.`);
    found.set(name, parseValue(name, word.slice(equals + 1)));
  }
  const address = found.get("ADDR");
  return {
    address: address === undefined ? undefined : parseAddress(address),
    port: parsePort(found.get("PORT")),
    name: found.get("NAME"),
    helo: found.get("HELO"),
    login: found.get("LOGIN"),
  };
}

function parseValue(name: string, text: string): string | undefined {
  const value = parseXtext(text);
  const isGood = value !== undefined && /^[\x21-\x7e]*$/.test(value) && value.length <= valueMax;
  if (!isGood) throw badArgument(`${name} is at most ${valueMax} printable characters in xtext.`);
  const upper = value.toUpperCase();
  return value === "" || upper === "[UNAVAILABLE]" || upper === "[TEMPUNAVAIL]" ? undefined : value;
}

function parseAddress(text: string): string {
  const literal = parseAddressLiteral(`[${text}]`) ?? parseAddressLiteral(`[IPv6:${text}]`);
  if (literal === undefined) throw badArgument("ADDR is an IP address, IPV6: before version 6.");
  return literal.address;
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw badArgument("PORT is a number.");
  return Number(text);
}
