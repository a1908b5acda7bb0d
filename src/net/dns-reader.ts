import { Refusal } from "../base/faults.ts";

/** RFC 1035 §2.3.4, bytes. */
export const nameBytesMax = 255;
export const labelBytesMax = 63;

/** Reads numbers and names, and never past the end. */
export class DnsReader {
  readonly #all: Buffer;
  #at: number;
  readonly #end: number;

  constructor(all: Buffer, at = 0, end = all.length) {
    this.#all = all;
    this.#at = at;
    this.#end = end;
  }

  uint8(): number {
    return this.#all.readUInt8(this.#take(1));
  }

  uint16(): number {
    return this.#all.readUInt16BE(this.#take(2));
  }

  uint32(): number {
    return this.#all.readUInt32BE(this.#take(4));
  }

  /** A copy, so that a kept record does not keep its message. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return new Uint8Array(this.#all.subarray(at, at + count));
  }

  rest(): Uint8Array {
    return this.bytes(this.#end - this.#at);
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** The next bytes alone; names in them may point back into the whole message. */
  within(count: number): DnsReader {
    if (count > this.#end - this.#at) throw malformed("ends early");
    return new DnsReader(this.#all, this.#at, this.#at + count);
  }

  /** RFC 1035 §3.3.14, the strings joined (RFC 7208 §3.3), one character per byte. */
  strings(): string {
    let text = "";
    while (this.#at < this.#end) {
      const length = this.uint8();
      const at = this.#take(length);
      text += this.#all.toString("latin1", at, at + length);
    }
    return text;
  }

  /**
   * RFC 1035 §4.1.4: lower case, without the final dot. A pointer must lead to before the name
   * part that holds it, so that no chain of them goes round, and a name has at most 255 bytes.
   */
  name(): string {
    const labels: string[] = [];
    let bytes = 1;
    let at = this.#at;
    let end = this.#end;
    let partStart = at;
    let after: number | undefined;
    for (;;) {
      if (at >= end) throw malformed("name ends early");
      const length = this.#all.readUInt8(at);
      if (length === 0) break;
      if (length >= 0xc0) {
        if (at + 2 > end) throw malformed("name ends early");
        const target = this.#all.readUInt16BE(at) & 0x3fff;
        if (target >= partStart) throw malformed("name points forward");
        after ??= at + 2;
        at = partStart = target;
        end = this.#all.length;
        continue;
      }
      bytes += length + 1;
      if (length > labelBytesMax || bytes > nameBytesMax) throw malformed("name too long");
      if (at + 1 + length > end) throw malformed("name ends early");
      labels.push(formatLabel(this.#all.toString("latin1", at + 1, at + 1 + length)));
      at += length + 1;
    }
    this.#at = after ?? at + 1;
    return labels.join(".");
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw malformed("ends early");
    this.#at = at + count;
    return at;
  }
}

/** RFC 4343 §2.1: bytes that would be taken for something else are shown as numbers. */
function formatLabel(label: string): string {
  const escaped = /[^!-~]|[.\\]/g;
  const escape = (byte: string): string => `\\${String(byte.charCodeAt(0)).padStart(3, "0")}`;
  return label.toLowerCase().replace(escaped, escape);
}

/** A message that breaks the rules of its form. */
export function malformed(what: string): Refusal {
  return new Refusal("syntax", `DNS message malformed: ${what}.`);
}
