import type { Address, MailboxAddress } from "../addresses.ts";
import { trimBlanks } from "./blanks.ts";

/** Addresses with undecoded names, and the work it took. */
export interface RawAddressList {
  readonly addresses: Address[];
  readonly steps: number;
  readonly isTruncated: boolean;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const GREATER = 0x3e;
const AT = 0x40;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** 1 for characters that end an atom (RFC 5322 §3.2.3), dots apart. */
const endsAtom = new Uint8Array(128);
for (const code of [TAB, LF, CR, SPACE, QUOTE, OPEN, COMMA, COLON, SEMICOLON, LESS, AT]) {
  endsAtom[code] = 1;
}
endsAtom[OPEN_BRACKET] = 1;
endsAtom[GREATER] = 1;
endsAtom[CLOSE] = 1;

/** What has been read of the address at hand. */
interface Pending {
  /** Words of the name, or of the local part until `@` is seen. */
  words: string;
  /** The last word with what its dots join to it: the local part if `@` comes next. */
  lastWord: string;
  lastWordAt: number;
  /** White space or a comment stands after the last word. */
  isSpaced: boolean;
  /** The last word ends in a dot. Asking the string itself would copy it for each word. */
  isDotted: boolean;
  comment: string;
  /** Local part; undefined until `@` or `<` is seen. */
  local: string | undefined;
  domain: string;
  isAngle: boolean;
}

/** State of one list. */
interface ListScan {
  readonly text: string;
  at: number;
  steps: number;
  /** Seen one that is never closed: no more of them is looked for, each stands for itself. */
  isQuoteOpen: boolean;
  isCommentOpen: boolean;
  readonly addresses: Address[];
  group: { name: string; members: MailboxAddress[] } | undefined;
  pending: Pending;
  count: number;
}

/**
 * Splits an address list into addresses with one scan. Tolerant: see `parseAddressList`. The text
 * may have one character per byte or per UTF-16 unit; nothing above U+007F is special.
 */
export function parseRawAddresses(text: string, addressesMax: number): RawAddressList {
  const scan: ListScan = {
    text,
    at: 0,
    steps: 1,
    isQuoteOpen: false,
    isCommentOpen: false,
    addresses: [],
    group: undefined,
    pending: nothing(),
    count: 0,
  };
  while (scan.at < text.length && scan.count < addressesMax) readNext(scan);
  finishAddress(scan);
  finishGroup(scan);
  const { addresses, steps, at } = scan;
  return { addresses, steps: steps + at, isTruncated: at < text.length };
}

function readNext(scan: ListScan): void {
  const { text, pending } = scan;
  const code = text.charCodeAt(scan.at);
  switch (code) {
    case SPACE:
    case TAB:
    case LF:
    case CR:
      pending.isSpaced = true;
      scan.at++;
      return;
    case CLOSE: // closes nothing
      scan.at++;
      return;
    case COMMA:
      finishAddress(scan);
      scan.at++;
      return;
    case SEMICOLON:
      finishAddress(scan);
      finishGroup(scan);
      scan.at++;
      return;
    case COLON:
      scan.at++;
      if (scan.group !== undefined || pending.local !== undefined) return;
      scan.group = { name: pending.words, members: [] };
      scan.pending = nothing();
      scan.count++;
      return;
    case OPEN: {
      const comment = readComment(scan);
      if (pending.comment === "") pending.comment = comment;
      pending.isSpaced = true;
      return;
    }
    case LESS:
      scan.at++;
      readAngle(scan);
      return;
    case AT:
      scan.at++;
      if (pending.local === undefined) startDomain(pending);
      else if (!pending.isAngle) pending.domain += "@";
      return;
    default:
      addWord(pending, readWord(scan));
  }
}

function finishAddress(scan: ListScan): void {
  const mailbox = toMailbox(scan.pending);
  scan.pending = nothing();
  if (mailbox === undefined) return;
  scan.count++;
  if (scan.group === undefined) scan.addresses.push(mailbox);
  else scan.group.members.push(mailbox);
}

function finishGroup(scan: ListScan): void {
  if (scan.group !== undefined) scan.addresses.push({ kind: "group", ...scan.group });
  scan.group = undefined;
}

function nothing(): Pending {
  return {
    words: "",
    lastWord: "",
    lastWordAt: 0,
    isSpaced: false,
    isDotted: false,
    comment: "",
    local: undefined,
    domain: "",
    isAngle: false,
  };
}

/** `John Smith john@example` without brackets: the last word is the local part. */
function startDomain(pending: Pending): void {
  pending.local = pending.lastWord;
  pending.words = trimBlanks(pending.words, 0, pending.lastWordAt);
  pending.isSpaced = false;
  pending.isDotted = false;
}

/** RFC 5322 §4.4 allows blanks around the dots of a local part and of a domain. */
function addWord(pending: Pending, word: string): void {
  const { isSpaced, isAngle, local } = pending;
  const joins = !isSpaced || pending.isDotted || word.startsWith(".");
  pending.isSpaced = false;
  if (isAngle) return; // words after the bracket belong to nothing
  pending.isDotted = word.endsWith(".");
  if (local !== undefined) {
    if (pending.domain === "" || joins) pending.domain += word;
    return;
  }
  if (pending.words === "") {
    pending.words = word;
    pending.lastWord = word;
    return;
  }
  if (joins) pending.lastWord += word;
  else {
    pending.lastWord = word;
    pending.lastWordAt = pending.words.length + 1;
  }
  pending.words += isSpaced ? ` ${word}` : word;
}

/** Reads a quoted string (without its quotes), a domain literal or an atom with dots. */
function readWord(scan: ListScan): string {
  const { text } = scan;
  const start = scan.at;
  const first = text.charCodeAt(start);
  if (first === QUOTE && !scan.isQuoteOpen) {
    const end = quotedEnd(text, start);
    if (end >= 0) {
      scan.at = end;
      return unescape(text.slice(start + 1, end - 1));
    }
    scan.isQuoteOpen = true;
    scan.steps += text.length - start;
  }
  if (first === OPEN_BRACKET) {
    const close = text.indexOf("]", start);
    scan.at = close < 0 ? text.length : close + 1;
    return text.slice(start, scan.at);
  }
  scan.at++;
  while (scan.at < text.length) {
    const code = text.charCodeAt(scan.at);
    if (code < 128 && endsAtom[code] === 1) break;
    scan.at++;
  }
  // A quote that nothing closes is left out.
  return text.slice(first === QUOTE ? start + 1 : start, scan.at);
}

function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at + 1;
  }
  return -1;
}

/** Moves over a comment and gives its text; over the parenthesis alone when nothing closes it. */
function readComment(scan: ListScan): string {
  const { text } = scan;
  const start = scan.at;
  const end = scan.isCommentOpen ? -1 : commentEnd(text, start);
  if (end < 0) {
    if (!scan.isCommentOpen) scan.steps += text.length - start;
    scan.isCommentOpen = true;
    scan.at++;
    return "";
  }
  scan.at = end;
  return unescape(trimBlanks(text, start + 1, end - 1));
}

function commentEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === OPEN) depth++;
    else if (code === CLOSE && --depth === 0) return at + 1;
  }
  return -1;
}

/** Reads what stands between `<` and `>`: route (dropped), local part, domain. */
function readAngle(scan: ListScan): void {
  const { text, pending } = scan;
  if (pending.local !== undefined && !pending.isAngle) {
    // `a@example <a@example>`: the first is the name.
    pending.words = trimBlanks(`${pending.words} ${pending.local}@${pending.domain}`);
  }
  let local: string | undefined;
  let current = "";
  loop: while (scan.at < text.length) {
    const code = text.charCodeAt(scan.at);
    switch (code) {
      case GREATER:
        break loop;
      case AT:
        local = local === undefined ? current : `${local}@${current}`;
        current = "";
        scan.at++;
        break;
      case COLON: // RFC 5322 §4.4: a source route ends here and is ignored
        local = undefined;
        current = "";
        scan.at++;
        break;
      case COMMA:
        // Within a route, unless the bracket was never closed and the next address begins.
        if (local !== "" && (local !== undefined || current !== "")) break loop;
        local = undefined;
        current = "";
        scan.at++;
        break;
      case OPEN:
        readComment(scan);
        break;
      case SPACE:
      case TAB:
      case CR:
      case LF:
      case LESS:
      case CLOSE:
      case SEMICOLON:
        scan.at++;
        break;
      default:
        current += readWord(scan);
    }
  }
  pending.isAngle = true;
  pending.local = local ?? current;
  pending.domain = local === undefined ? "" : current;
  if (text.charCodeAt(scan.at) === GREATER) scan.at++;
}

function toMailbox(pending: Pending): MailboxAddress | undefined {
  const { words, comment, local, domain } = pending;
  if (local === undefined) {
    if (words === "") return undefined;
    return { kind: "mailbox", name: comment, local: words, domain: "" };
  }
  if (local === "" && domain === "" && words === "") return undefined;
  return { kind: "mailbox", name: words === "" ? comment : words, local, domain };
}

function unescape(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.?)/gs, "$1") : text;
}
