import type { Address, MailboxAddress } from "../addresses.ts";

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

/** What has been read of the address at hand. */
interface Pending {
  /** Words of the name, or of the local part until `@` is seen. */
  words: string;
  /** Where the last word of `words` begins: what may be the local part of a bare address. */
  lastWordAt: number;
  /** White space or a comment stands after the last word. */
  isSpaced: boolean;
  comment: string;
  /** Local part; undefined until `@` or `<` is seen. */
  local: string | undefined;
  domain: string;
  isAngle: boolean;
}

/**
 * Splits an address list into addresses with one scan. Tolerant: see `parseAddressList`. The text
 * may have one character per byte or per UTF-16 unit; nothing above U+007F is special.
 */
export function parseRawAddresses(text: string, addressesMax: number): RawAddressList {
  const addresses: Address[] = [];
  let group: { name: string; members: MailboxAddress[] } | undefined;
  let pending = nothing();
  let count = 0;
  let at = 0;
  const finish = () => {
    const mailbox = toMailbox(pending);
    pending = nothing();
    if (mailbox === undefined) return;
    count++;
    if (group === undefined) addresses.push(mailbox);
    else group.members.push(mailbox);
  };
  const closeGroup = () => {
    if (group !== undefined) addresses.push({ kind: "group", ...group });
    group = undefined;
  };
  while (at < text.length && count < addressesMax) {
    const code = text.charCodeAt(at);
    if (code === SPACE || code === TAB || code === LF || code === CR) {
      pending.isSpaced = true;
      at++;
    } else if (code === COMMA) {
      finish();
      at++;
    } else if (code === SEMICOLON) {
      finish();
      closeGroup();
      at++;
    } else if (code === COLON) {
      if (group === undefined && pending.local === undefined) {
        group = { name: pending.words, members: [] };
        pending = nothing();
        count++;
      }
      at++;
    } else if (code === OPEN) {
      const end = commentEnd(text, at);
      if (pending.comment === "") pending.comment = unescape(text.slice(at + 1, end - 1)).trim();
      pending.isSpaced = true;
      at = end;
    } else if (code === LESS) {
      at = readAngle(text, at + 1, pending);
    } else if (code === AT) {
      if (pending.local === undefined) startDomain(pending);
      else if (!pending.isAngle) pending.domain += "@";
      at++;
    } else {
      const end = wordEnd(text, at);
      addWord(pending, readWord(text, at, end));
      at = end;
    }
  }
  finish();
  closeGroup();
  return { addresses, steps: at + count + 1, isTruncated: at < text.length };
}

function nothing(): Pending {
  return {
    words: "",
    lastWordAt: 0,
    isSpaced: false,
    comment: "",
    local: undefined,
    domain: "",
    isAngle: false,
  };
}

/** `John Smith john@example` without brackets: the last word is the local part. */
function startDomain(pending: Pending): void {
  pending.local = pending.words.slice(pending.lastWordAt);
  pending.words = pending.words.slice(0, pending.lastWordAt).trimEnd();
  pending.isSpaced = false;
}

function addWord(pending: Pending, word: string): void {
  const { isSpaced } = pending;
  pending.isSpaced = false;
  if (pending.local !== undefined && !pending.isAngle) {
    // RFC 5322 §4.4 allows blanks around the dots of a domain.
    const joins = !isSpaced || word.startsWith(".") || pending.domain.endsWith(".");
    if (pending.domain === "" || joins) pending.domain += word;
    return;
  }
  if (pending.isAngle) return; // words after the bracket belong to nothing
  if (pending.words === "" || !isSpaced) {
    pending.words += word;
    return;
  }
  const joins = word.startsWith(".") || pending.words.endsWith(".");
  if (!joins || word === ".") pending.lastWordAt = pending.words.length + 1;
  pending.words += ` ${word}`;
}

function wordEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return quotedEnd(text, start);
  if (first === OPEN_BRACKET) {
    const close = text.indexOf("]", start);
    return close < 0 ? text.length : close + 1;
  }
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code < 128 && endsAtom[code] === 1) break;
    at++;
  }
  return at;
}

function readWord(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) !== QUOTE) return text.slice(start, end);
  const isClosed = end - start > 1 && text.charCodeAt(end - 1) === QUOTE;
  return unescape(text.slice(start + 1, isClosed ? end - 1 : end));
}

function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at + 1;
  }
  return text.length;
}

function commentEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === OPEN) depth++;
    else if (code === CLOSE && --depth === 0) return at + 1;
  }
  return text.length;
}

/** Reads what stands between `<` and `>`: route (dropped), local part, domain. */
function readAngle(text: string, start: number, pending: Pending): number {
  if (pending.local !== undefined && !pending.isAngle) {
    // `a@example <a@example>`: the first is the name.
    pending.words = `${pending.words} ${pending.local}@${pending.domain}`.trim();
  }
  let local: string | undefined;
  let current = "";
  let at = start;
  for (; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === GREATER) break;
    if (code === COMMA && local === undefined && current !== "") break; // a bracket never closed
    if (code === AT) {
      if (local === undefined) local = current;
      else local += `@${current}`;
      current = "";
      at++;
    } else if (code === COLON || code === COMMA) {
      // RFC 5322 §4.4: a source route ends here and is ignored.
      local = undefined;
      current = "";
      at++;
    } else if (code === SPACE || code === TAB || code === CR || code === LF) at++;
    else if (code === OPEN) at = commentEnd(text, at);
    else if (code === LESS || code === SEMICOLON) at++;
    else {
      const end = wordEnd(text, at);
      current += readWord(text, at, end);
      at = end;
    }
  }
  pending.isAngle = true;
  pending.local = local ?? current;
  pending.domain = local === undefined ? "" : current;
  return text.charCodeAt(at) === GREATER ? at + 1 : at;
}

function toMailbox(pending: Pending): MailboxAddress | undefined {
  const { words, comment, local, domain, isAngle } = pending;
  if (local === undefined) {
    if (words === "") return undefined;
    return { kind: "mailbox", name: comment, local: words, domain: "" };
  }
  if (isAngle && local === "" && domain === "" && words === "") return undefined;
  return { kind: "mailbox", name: words === "" ? comment : words, local, domain };
}

function unescape(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.?)/gs, "$1") : text;
}
