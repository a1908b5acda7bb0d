import { fromLatin1, latin1 } from "../../base/bytes.ts";
import { Lines } from "../world/lines.ts";
import { ourAddress, ourHostName, type Person } from "../world/people.ts";
import type { Stage } from "../world/stage.ts";

/** The connection is gone; whether the command at hand was done, nobody knows. */
export class ImapLost extends Error {}

export interface Tagged {
  readonly status: string;
  readonly text: string;
}

const timeoutMs = 600_000;

/** An IMAP connection: one command at a time, every untagged answer handed on as it comes. */
export class ImapTalk {
  readonly #lines: Lines;
  readonly #untagged: (line: string) => void;
  #tagCount = 0;

  private constructor(lines: Lines, untagged: (line: string) => void) {
    this.#lines = lines;
    this.#untagged = untagged;
  }

  /** Connects and logs in. @throws ImapLost and whatever connecting throws. */
  static async open(
    stage: Stage,
    options: {
      readonly from: string;
      readonly person: Person;
      readonly untagged: (line: string) => void;
    },
  ): Promise<ImapTalk> {
    const target = { address: ourAddress, port: 993, timeoutMs: 30_000 };
    const connection = await stage.network.host(options.from).connect(target);
    try {
      await connection.startTlsClient({ serverName: ourHostName, mustVerify: false }, 60_000);
      const talk = new ImapTalk(new Lines(connection), options.untagged);
      if ((await talk.#line(timeoutMs)) === undefined) throw new ImapLost("no greeting");
      const { address, password } = options.person;
      const { status, text } = await talk.command(`LOGIN "${address}" "${password}"`);
      if (status !== "OK") throw new ImapLost(`LOGIN: ${text}`);
      return talk;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  close(): void {
    this.#lines.connection.destroy();
  }

  /** Says a command and reads up to its end. */
  async command(text: string): Promise<Tagged> {
    return this.#finish(this.#start(text));
  }

  /** A command that ends in a literal, non-synchronising (RFC 7888) or not. */
  async withLiteral(text: string, literal: Uint8Array, isSync: boolean): Promise<Tagged> {
    const tag = this.#start(`${text} {${literal.length}${isSync ? "" : "+"}}`);
    if (isSync) {
      const early = await this.#until((line) => line.startsWith("+"), tag);
      if (early !== undefined) return early;
    }
    this.#lines.send(literal);
    this.#lines.say("");
    return this.#finish(tag);
  }

  /** Waits in IDLE for so long; answers are handed on as they come. */
  async idle(clockSleep: () => Promise<void>): Promise<Tagged> {
    const tag = this.#start("IDLE");
    const early = await this.#until((line) => line.startsWith("+"), tag);
    if (early !== undefined) return early;
    const ending = this.#finish(tag);
    // A connection that breaks ends the wait for the answer, and so the idling.
    await Promise.race([clockSleep(), ending.then(() => undefined)]);
    this.#lines.say("DONE");
    return ending;
  }

  #start(text: string): string {
    const tag = `a${++this.#tagCount}`;
    this.#lines.say(`${tag} ${text}`);
    return tag;
  }

  async #finish(tag: string): Promise<Tagged> {
    const tagged = await this.#until(() => false, tag);
    if (tagged === undefined) throw new ImapLost("no end of the command");
    return tagged;
  }

  /** Reads until `isWanted` or the tagged answer, which is returned. */
  async #until(isWanted: (line: string) => boolean, tag: string): Promise<Tagged | undefined> {
    for (;;) {
      const line = await this.#line(timeoutMs);
      if (line === undefined) throw new ImapLost("the server hung up");
      if (isWanted(line)) return undefined;
      if (line.startsWith("* ")) this.#untagged(line.slice(2));
      else if (line.startsWith(`${tag} `)) {
        const [, status = "", text = ""] = /^\S+ (\S+) ?(.*)$/s.exec(line) ?? [];
        return { status, text };
      }
    }
  }

  /** A line with the literals in it, as they came. */
  async #line(waitMs: number): Promise<string | undefined> {
    let whole = "";
    for (;;) {
      const line = await this.#lines.line(waitMs);
      if (line === undefined) return undefined;
      whole += line;
      const count = /\{(\d+)\}$/.exec(line)?.[1];
      if (count === undefined) return whole;
      const literal = await this.#lines.exactly(Number(count), waitMs);
      if (literal === undefined) return undefined;
      whole += `\r\n${latin1(literal)}`;
    }
  }
}

/** The literal of an answer, with what its braces promised. */
export function literalOf(line: string): Uint8Array | undefined {
  const match = /\{(\d+)\}\r\n/.exec(line);
  if (match === null) return undefined;
  const start = match.index + match[0].length;
  return fromLatin1(line.slice(start, start + Number(match[1])));
}
