import type { MessageBody } from "../../store/mail.ts";
import type { Maildrop } from "./maildrop.ts";

/** Messages whose place in the store is looked up at once. */
const lookUpCount = 100;
/** Messages that are read before they are asked for, and their bytes together. */
const aheadCount = 8;
const aheadBytesMax = 256 * 1024;
/** Larger ones are streamed. */
const wholeBytesMax = 256 * 1024;

export type Content =
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "pieces"; readonly pieces: AsyncIterable<Uint8Array> };

/**
 * Reads messages of a maildrop, and while they are asked for in order, the next ones too, so that
 * a client that fetches everything does not wait for the store at each message.
 */
export class ReadAhead {
  readonly #drop: Maildrop;
  readonly #bodies = new Map<number, MessageBody | undefined>();
  readonly #ahead = new Map<number, Promise<Uint8Array>>();
  #last = 0;

  constructor(drop: Maildrop) {
    this.#drop = drop;
  }

  /** What the message says; undefined when it was removed by others and is no longer kept. */
  async read(number: number): Promise<Content | undefined> {
    const isInOrder = number === this.#last + 1;
    this.#last = number;
    if (!this.#bodies.has(number)) await this.#lookUp(number, isInOrder ? lookUpCount : 1);
    const body = this.#bodies.get(number);
    const { mail } = this.#drop;
    if (body === undefined) return undefined;
    if (body.prefix.length + body.bodyBytes > wholeBytesMax) {
      return { kind: "pieces", pieces: mail.streamBody(body) };
    }
    const reading = this.#ahead.get(number) ?? mail.readBody(body);
    this.#ahead.delete(number);
    if (isInOrder) this.#readNext(number);
    return { kind: "whole", bytes: await reading };
  }

  async #lookUp(first: number, countMax: number): Promise<void> {
    const drop = this.#drop;
    const count = Math.min(countMax, drop.lastNumber - first + 1);
    const ids = Array.from({ length: count }, (_, at) => drop.messageOf(first + at));
    const found = await drop.mail.messages(ids, ["body"]);
    this.#bodies.clear();
    found.forEach((fields, at) => this.#bodies.set(first + at, fields?.body));
  }

  #readNext(number: number): void {
    for (const known of this.#ahead.keys()) if (known < number) this.#ahead.delete(known);
    let bytes = 0;
    for (let next = number + 1; next <= number + aheadCount; next++) {
      const body = this.#bodies.get(next);
      if (body === undefined || this.#drop.isDeleted(next)) return;
      bytes += body.prefix.length + body.bodyBytes;
      if (bytes > aheadBytesMax) return;
      if (this.#ahead.has(next)) continue;
      const reading = this.#drop.mail.readBody(body);
      // Whoever asks for it hears of a failure; if nobody does, it does not matter.
      reading.catch(() => undefined);
      this.#ahead.set(next, reading);
    }
  }
}
