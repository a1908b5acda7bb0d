import { concat, fromLatin1, latin1 } from "../../base/bytes.ts";
import { sleep } from "../../base/clock.ts";
import { MemoryTlsContext } from "../../net/memory-tls.ts";
import type { Connection } from "../../net/network.ts";
import type { Dice } from "../dice.ts";
import type { RemoteArrival } from "../world/ledger.ts";
import { Lines } from "../world/lines.ts";
import { isBusy, type Stage } from "../world/stage.ts";

/** How a mail server elsewhere behaves. All chances count only while faults happen. */
export interface Manners {
  readonly address: string;
  readonly hostName: string;
  readonly extensions: readonly string[];
  /** Refuses who asks for the first time, until so much later. */
  readonly greylistMs: number;
  /** Of each recipient that it does not like by name: see `refusalOf`. */
  readonly isPicky: boolean;
  /** Breaks the connection at a stage, for each stage. */
  readonly cutChance: number;
  /** Answers 4xx instead, for each command. */
  readonly busyChance: number;
  /** Longest wait before an answer, milliseconds. */
  readonly thinkMsMax: number;
}

/** Silence after which it hangs up. */
const patienceMs = 300_000;

class Gone extends Error {}

/** A mail server elsewhere: takes mail by the book, as its manners say, and writes down what. */
export async function openRemote(stage: Stage, manners: Manners): Promise<void> {
  const seenAtMs = new Map<string, number>();
  const dice = stage.dice.fork(`remote ${manners.hostName}`);
  await stage.network
    .host(manners.address)
    .listen({ address: manners.address, port: 25 }, (connection) => {
      const visit = new Visit(stage, manners, dice, seenAtMs);
      visit.serve(connection).catch(() => connection.destroy());
    });
}

/** One connection. */
class Visit {
  readonly #stage: Stage;
  readonly #manners: Manners;
  readonly #dice: Dice;
  readonly #seenAtMs: Map<string, number>;
  #from: string | undefined;
  #to: string[] = [];
  #chunks: Uint8Array[] = [];
  #unseen: RemoteArrival[] = [];

  constructor(stage: Stage, manners: Manners, dice: Dice, seenAtMs: Map<string, number>) {
    this.#stage = stage;
    this.#manners = manners;
    this.#dice = dice;
    this.#seenAtMs = seenAtMs;
  }

  async serve(connection: Connection): Promise<void> {
    let lines = new Lines(connection);
    await this.#think();
    this.#maybeCut("greeting");
    lines.say(`220 ${this.#manners.hostName} ESMTP`);
    for (;;) {
      const line = await lines.line(patienceMs);
      // Who says something more, or ends in good order, has read the answers before.
      for (const arrival of this.#unseen.splice(0)) arrival.isAnswerSeen = true;
      if (line === undefined) break;
      const verb = (/^[A-Za-z]+/.exec(line)?.[0] ?? "").toUpperCase();
      await this.#think();
      if (verb === "STARTTLS") {
        lines.say("220 Go ahead");
        const tls = new MemoryTlsContext({ names: [this.#manners.hostName] });
        await connection.startTlsServer(tls, patienceMs);
        lines = new Lines(connection);
        continue;
      }
      this.#maybeCut(verb);
      await this.#answer(lines, verb, line);
      if (verb === "QUIT") break;
    }
    await connection.end();
  }

  async #answer(lines: Lines, verb: string, line: string): Promise<void> {
    switch (verb) {
      case "EHLO":
        return this.#sayHello(lines);
      case "HELO":
        return lines.say(`250 ${this.#manners.hostName}`);
      case "MAIL":
        if (this.#isBusyNow()) return lines.say("421 4.3.2 Busy; try later");
        this.#from = /<([^>]*)>/.exec(line)?.[1] ?? "";
        this.#to = [];
        this.#chunks = [];
        return lines.say("250 2.1.0 Ok");
      case "RCPT":
        return lines.say(this.#judge(/<([^>]*)>/.exec(line)?.[1] ?? ""));
      case "DATA":
        return this.#receive(lines);
      case "BDAT":
        return this.#receiveChunk(lines, line);
      case "RSET":
        this.#from = undefined;
        this.#to = [];
        return lines.say("250 2.0.0 Ok");
      case "QUIT":
        return lines.say("221 2.0.0 Bye");
      case "NOOP":
        return lines.say("250 2.0.0 Ok");
      default:
        return lines.say("500 5.5.1 What?");
    }
  }

  #sayHello(lines: Lines): void {
    const words = [this.#manners.hostName, ...this.#manners.extensions];
    const isTls = lines.connection.tls !== undefined;
    const told = isTls ? words.filter((word) => word !== "STARTTLS") : words;
    for (const [at, word] of told.entries()) {
      lines.say(`250${at === told.length - 1 ? " " : "-"}${word}`);
    }
  }

  #judge(recipient: string): string {
    if (this.#from === undefined) return "503 5.5.1 MAIL first";
    const refusal = refusalOf(recipient, this.#manners.isPicky);
    if (refusal !== undefined) return refusal;
    if (this.#isBusyNow()) return "451 4.3.0 Try later";
    const { greylistMs } = this.#manners;
    if (greylistMs > 0) {
      const key = `${this.#from} ${recipient}`;
      const nowMs = this.#stage.clock.now();
      const seenAtMs = this.#seenAtMs.get(key) ?? nowMs;
      this.#seenAtMs.set(key, seenAtMs);
      if (nowMs < seenAtMs + greylistMs) return "450 4.7.1 Greylisted";
    }
    this.#to.push(recipient);
    return "250 2.1.5 Ok";
  }

  async #receive(lines: Lines): Promise<void> {
    if (this.#to.length === 0) return lines.say("554 5.5.1 No valid recipients");
    lines.say("354 Go ahead");
    const parts: string[] = [];
    for (;;) {
      const line = await lines.line(patienceMs);
      if (line === undefined) throw new Gone();
      if (line === ".") break;
      parts.push(line.startsWith(".") ? line.slice(1) : line, "\r\n");
    }
    await this.#end(lines, fromLatin1(parts.join("")));
  }

  async #receiveChunk(lines: Lines, line: string): Promise<void> {
    const [, size = "0", last] = /^BDAT (\d+)( LAST)?/i.exec(line) ?? [];
    const bytes = await lines.exactly(Number(size), patienceMs);
    if (bytes === undefined) throw new Gone();
    this.#chunks.push(bytes);
    if (this.#to.length === 0) return lines.say("503 5.5.1 No valid recipients");
    if (last === undefined) return lines.say("250 2.0.0 More");
    await this.#end(lines, concat(this.#chunks));
  }

  /** Takes responsibility, or not; and may hang up before as after. */
  async #end(lines: Lines, bytes: Uint8Array): Promise<void> {
    const { clock, trace, ledger } = this.#stage;
    await this.#think();
    this.#maybeCut("the dot");
    const isRefused = this.#manners.isPicky && /^Subject:.*7\r$/m.test(latin1(bytes));
    if (isRefused) return lines.say("554 5.6.0 I do not like it");
    if (this.#isBusyNow()) return lines.say("452 4.3.1 No room now");
    for (const to of this.#to) {
      const from = this.#from ?? "";
      const arrival = { from, to, bytes, atMs: clock.now(), isAnswerSeen: false };
      ledger.remoteArrivals.push(arrival);
      this.#unseen.push(arrival);
      trace.add(this.#manners.hostName, `takes a message from <${from}> for <${to}>`);
    }
    this.#from = undefined;
    this.#to = [];
    this.#maybeCut("taking");
    lines.say("250 2.0.0 Taken");
  }

  async #think(): Promise<void> {
    const { thinkMsMax } = this.#manners;
    if (thinkMsMax > 0) await sleep(this.#stage.clock, this.#dice.between(0, thinkMsMax));
  }

  #isBusyNow(): boolean {
    return isBusy(this.#stage) && this.#dice.chance(this.#manners.busyChance);
  }

  #maybeCut(stage: string): void {
    if (!isBusy(this.#stage) || !this.#dice.chance(this.#manners.cutChance)) return;
    this.#stage.trace.add(this.#manners.hostName, `hangs up at ${stage}`);
    throw new Gone();
  }
}

/** Names that a picky server does not take; senders' names are always good. */
function refusalOf(recipient: string, isPicky: boolean): string | undefined {
  if (!isPicky) return undefined;
  if (recipient.startsWith("no-")) return "550 5.1.1 No such user";
  return recipient.startsWith("full-") ? "452 4.2.2 Mailbox full" : undefined;
}
