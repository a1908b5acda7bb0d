import { badArgument, SmtpRefusal } from "./refusals.ts";
import { parseMailbox } from "./path.ts";
import { parseXtext } from "./xtext.ts";
import type { Notify } from "../../store/queue.ts";

/** What MAIL's parameters may say (RFC 1870, 6152, 3030, 3461, 4954, 6531, 8689). */
export interface MailParameters {
  /** Octets that the client says the message has. */
  readonly sizeBytes: number | undefined;
  readonly bodyKind: "7bit" | "8bitmime" | "binarymime";
  readonly returnContent: "full" | "headers";
  /** ENVID, decoded from xtext. */
  readonly envelopeId: string | undefined;
  /** AUTH=, decoded: a mailbox, or "" for "<>" (not known). */
  readonly submitter: string | undefined;
  readonly isUtf8: boolean;
  readonly isTlsRequired: boolean;
}

/** What RCPT's parameters may say (RFC 3461). */
export interface RcptParameters {
  /** Undefined is the default: failure, and delay if one likes. Empty is NEVER. */
  readonly notify: readonly Notify[] | undefined;
  /** ORCPT as given, "rfc822;xtext". */
  readonly originalRecipient: string | undefined;
}

/** Parameters of one command: a client repeating itself is refused, so this is plenty. */
const parametersMax = 16;

/**
 * Splits "KEY=value KEY" (RFC 5321 §4.1.2 esmtp-param) into pairs with upper-case keys.
 * @throws SmtpRefusal 501 for a wrong form or a key given twice.
 */
export function parseParameters(text: string): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  const words = text.split(" ").filter((word) => word !== "");
  if (words.length > parametersMax) throw badArgument("Too many parameters.");
  for (const word of words) {
    const parts = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u0080-\u{10ffff}]+))?$/u.exec(word);
    const key = parts?.[1]?.toUpperCase();
    if (key === undefined) throw badArgument("A parameter has the form KEY=VALUE.");
    if (found.has(key)) throw badArgument(`${key} is given twice.`);
    found.set(key, parts?.[2]);
  }
  return found;
}

/** @throws SmtpRefusal 501 for a bad value, 555 for a parameter that is not known. */
export function parseMailParameters(text: string): MailParameters {
  let parameters = noMailParameters;
  if (text === "") return parameters;
  for (const [key, value] of parseParameters(text)) {
    parameters = { ...parameters, ...mailParameter(key, value) };
  }
  return parameters;
}

export const noMailParameters: MailParameters = {
  sizeBytes: undefined,
  bodyKind: "7bit",
  returnContent: "full",
  envelopeId: undefined,
  submitter: undefined,
  isUtf8: false,
  isTlsRequired: false,
};

function mailParameter(key: string, value: string | undefined): Partial<MailParameters> {
  switch (key) {
    case "SIZE":
      return { sizeBytes: parseSize(value) };
    case "BODY":
      return { bodyKind: parseBody(value) };
    case "RET":
      return { returnContent: parseReturn(value) };
    case "ENVID":
      return { envelopeId: parseEnvelopeId(value) };
    case "AUTH":
      return { submitter: parseSubmitter(value) };
    case "SMTPUTF8":
      if (value !== undefined) throw badArgument("SMTPUTF8 has no value.");
      return { isUtf8: true };
    case "REQUIRETLS":
      if (value !== undefined) throw badArgument("REQUIRETLS has no value.");
      return { isTlsRequired: true };
    default:
      throw unknownParameter(key);
  }
}

/** @throws SmtpRefusal 501 for a bad value, 555 for a parameter that is not known. */
export function parseRcptParameters(text: string): RcptParameters {
  let parameters: RcptParameters = { notify: undefined, originalRecipient: undefined };
  if (text === "") return parameters;
  for (const [key, value] of parseParameters(text)) {
    if (key === "NOTIFY") parameters = { ...parameters, notify: parseNotify(value) };
    else if (key === "ORCPT") {
      parameters = { ...parameters, originalRecipient: parseOriginalRecipient(value) };
    } else throw unknownParameter(key);
  }
  return parameters;
}

function unknownParameter(key: string): SmtpRefusal {
  return new SmtpRefusal("unsupported", 555, "5.5.4", `The parameter ${key} is not known here.`);
}

/** RFC 1870 §3: 1 to 20 digits. */
function parseSize(value: string | undefined): number {
  if (value === undefined || !/^[0-9]{1,20}$/.test(value)) throw badArgument("SIZE is a number.");
  return Number(value);
}

/** RFC 6152 §2 and RFC 3030 §3. */
function parseBody(value: string | undefined): MailParameters["bodyKind"] {
  switch (value?.toUpperCase()) {
    case "7BIT":
      return "7bit";
    case "8BITMIME":
      return "8bitmime";
    case "BINARYMIME":
      return "binarymime";
    default:
      throw badArgument("BODY is 7BIT, 8BITMIME or BINARYMIME.");
  }
}

/** RFC 3461 §4.3. */
function parseReturn(value: string | undefined): MailParameters["returnContent"] {
  switch (value?.toUpperCase()) {
    case "FULL":
      return "full";
    case "HDRS":
      return "headers";
    default:
      throw badArgument("RET is FULL or HDRS.");
  }
}

/** RFC 3461 §4.4: at most 100 characters, printable once decoded. */
function parseEnvelopeId(value: string | undefined): string {
  const decoded = value === undefined || value.length > 100 ? undefined : parseXtext(value);
  if (decoded === undefined || !/^[\x20-\x7e]+$/.test(decoded)) {
    throw badArgument("ENVID is at most 100 characters of xtext.");
  }
  return decoded;
}

/** RFC 4954 §5: a mailbox in xtext, or "<>". */
function parseSubmitter(value: string | undefined): string {
  const decoded = value === undefined || value.length > 500 ? undefined : parseXtext(value);
  if (decoded === "<>") return "";
  const mailbox = decoded === undefined ? undefined : parseMailbox(decoded);
  if (mailbox === undefined) throw badArgument("AUTH is a mailbox in xtext, or <>.");
  return mailbox.address;
}

/** RFC 3461 §4.1: NEVER alone, or a list. */
function parseNotify(value: string | undefined): readonly Notify[] {
  const words = value?.toLowerCase().split(",") ?? [];
  if (words.length === 1 && words[0] === "never") return [];
  const found = new Set(words.filter(isNotify));
  if (found.size === 0 || !words.every(isNotify)) {
    throw badArgument("NOTIFY is NEVER, or SUCCESS, FAILURE and DELAY.");
  }
  return [...found];
}

function isNotify(word: string): word is Notify {
  return word === "success" || word === "failure" || word === "delay";
}

/**
 * RFC 3461 §4.2: at most 500 characters, an address type and xtext; with RFC 6533 §3's utf-8
 * type, whose address may be UTF-8.
 */
function parseOriginalRecipient(value: string | undefined): string {
  const parts = /^([A-Za-z0-9-]+);(.+)$/u.exec(value ?? "");
  const [, type = "", address = ""] = parts ?? [];
  const isGood = /^utf-8$/i.test(type) || parseXtext(address) !== undefined;
  if (value === undefined || value.length > 500 || parts === null || !isGood) {
    throw badArgument("ORCPT is an address type, a semicolon and an address in xtext.");
  }
  return value;
}
