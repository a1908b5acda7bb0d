/** An address as ENVELOPE has it, one character per byte; a group's begin has its name in `local`. */
export interface StoredAddress {
  readonly name: string | undefined;
  readonly local: string | undefined;
  readonly host: string | undefined;
}

/** What sorting and threading need of an envelope. */
export interface StoredEnvelope {
  /** Undecoded, one character per byte. */
  readonly subject: string;
  /** The first of each list. */
  readonly from: StoredAddress | undefined;
  readonly to: StoredAddress | undefined;
  readonly cc: StoredAddress | undefined;
}

/**
 * Reads an envelope back from its wire form (RFC 9051 §7.5.2), as the message room wrote it: date,
 * subject, from, sender, reply-to, to, cc, bcc, in-reply-to, message-id. Linear.
 */
export function readEnvelope(wire: string): StoredEnvelope {
  const reader = new EnvelopeReader(wire);
  reader.skip(1);
  reader.nstring();
  reader.skip(1);
  const subject = reader.nstring() ?? "";
  const lists: (StoredAddress | undefined)[] = [];
  for (let at = 0; at < 5; at++) {
    reader.skip(1);
    lists.push(reader.firstAddress());
  }
  const [from, , , to, cc] = lists;
  return { subject, from, to, cc };
}

class EnvelopeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  skip(count: number): void {
    this.#at += count;
  }

  nstring(): string | undefined {
    const first = this.#text.charAt(this.#at);
    if (first === '"') return this.#quoted();
    if (first === "{") return this.#literal();
    this.#at += 3;
    return undefined;
  }

  /** Reads a whole list of addresses and gives the first. */
  firstAddress(): StoredAddress | undefined {
    const text = this.#text;
    if (text.charAt(this.#at) !== "(") {
      this.#at += 3;
      return undefined;
    }
    this.#at++;
    let first: StoredAddress | undefined;
    while (text.charAt(this.#at) === "(") {
      this.#at++;
      const name = this.nstring();
      this.#at++;
      this.nstring();
      this.#at++;
      const local = this.nstring();
      this.#at++;
      const host = this.nstring();
      this.#at++;
      first ??= { name, local, host };
    }
    this.#at++;
    return first;
  }

  #quoted(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    let isEscaped = false;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        isEscaped = true;
        at++;
      }
    }
    this.#at = at + 1;
    const raw = text.slice(start, at);
    return isEscaped ? raw.replace(/\\(.)/gs, "$1") : raw;
  }

  #literal(): string {
    const end = this.#text.indexOf("}", this.#at);
    const length = Number(this.#text.slice(this.#at + 1, end));
    const start = end + 3;
    this.#at = start + length;
    return this.#text.slice(start, this.#at);
  }
}
