import { assert } from "../../base/assert.ts";
import { concat, CR, fromUtf8, LF } from "../../base/bytes.ts";
import { ConnectionLost, Refusal } from "../../base/faults.ts";
import type { Connection, TlsClientOptions } from "../../net/network.ts";
import { Wire } from "../../protocol/wire.ts";
import type { Reply } from "../grammar/reply.ts";
import { noExtensions, type Extensions } from "./extensions.ts";
import type { ClientLimits } from "./limits.ts";
import { BadReply, ReplyCollector } from "./reply-collector.ts";
import { refusedBy, type SessionTrouble, TlsTrouble, trouble } from "./session-trouble.ts";

/**
 * A connection to a server, as commands and answers. Everything that can go wrong with it is
 * thrown as SessionTrouble, after which only `destroy` makes sense.
 */
export class ClientSession {
  readonly connection: Connection;
  /** "mx.example.org (192.0.2.7)". */
  readonly host: string;
  readonly limits: ClientLimits;
  extensions: Extensions = noExtensions;
  /** Name that it gave itself in its answer to EHLO, lower case. */
  remoteName = "";
  /** Messages begun on it. */
  messageCount = 0;
  readonly #wire: Wire;
  #isBroken = false;

  constructor(connection: Connection, hostName: string, limits: ClientLimits) {
    this.connection = connection;
    const { address } = connection.remote;
    this.host = hostName === address ? `[${address}]` : `${hostName} (${address})`;
    this.limits = limits;
    this.#wire = new Wire(connection);
  }

  /** TLS version and cipher, "" in plain text. */
  get tls(): string {
    const { tls } = this.connection;
    return tls === undefined ? "" : `${tls.version} ${tls.cipher}`;
  }

  /** False once anything went wrong: such a session is not used again. */
  get isUsable(): boolean {
    return !this.#isBroken;
  }

  /**
   * Makes sure that nothing has been said that nobody asked for: each later answer would be taken
   * for the wrong command's, and some refusal for an acceptance.
   * @throws SessionTrouble
   */
  expectQuiet(): void {
    if (this.#wire.bufferedBytes === 0) return;
    throw this.#broken(trouble("4.5.0", "the server gave more answers than it was asked for"));
  }

  /** Puts a command line into the output. It goes out with the next read. */
  queueCommand(line: string): void {
    assert(!/[\r\n\0]/.test(line), "a command is one line");
    this.expectQuiet();
    void this.#wire.write(fromUtf8(`${line}\r\n`))?.catch(() => undefined);
  }

  /** Sends a command and waits for its answer. @throws SessionTrouble, for 421 too. */
  async command(line: string, timeoutMs: number): Promise<Reply> {
    return this.exchange(line, verbOf(line), timeoutMs);
  }

  /** The same for a line that has no verb or must not be named. */
  async exchange(line: string, stage: string, timeoutMs: number): Promise<Reply> {
    this.queueCommand(line);
    return this.readReply(stage, timeoutMs);
  }

  /** The next answer. `stage` says in the words of logs and notices what it answers. */
  async readReply(stage: string, timeoutMs: number): Promise<Reply> {
    const collector = new ReplyCollector(this.limits.replyLinesMax);
    for (;;) {
      const line = await this.#guard(stage, timeoutMs, () => this.#readLine(timeoutMs));
      if (line === undefined) throw this.#broken(lost(stage));
      const reply = await this.#guard(stage, timeoutMs, () => collector.push(line));
      if (reply === undefined) continue;
      // RFC 5321 §3.8: 421 may answer anything and means that the server closes.
      if (reply.code === 421) throw this.#broken(refusedBy(reply));
      return reply;
    }
  }

  /** Sends bytes as they are, no faster than the server takes them. */
  async send(data: Uint8Array | string, stage: string): Promise<void> {
    await this.#guard(stage, 0, () => this.#wire.write(data));
  }

  /**
   * Goes over to TLS after the server's 220. Plain text behind that answer was put there by
   * somebody else (RFC 3207 §4.2 asks to forget it): then we stop.
   */
  async startTls(options: TlsClientOptions): Promise<void> {
    if (this.#wire.dropInput() > 0) {
      throw this.#broken(tlsTrouble("plain text came after the answer to STARTTLS"));
    }
    try {
      await this.connection.startTlsClient(options, this.limits.tlsTimeoutMs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw this.#broken(tlsTrouble(`TLS could not be set up: ${reason}`));
    }
  }

  /** Says QUIT, waits a little for the answer, and hangs up. Never throws. */
  async quit(): Promise<void> {
    try {
      if (this.isUsable) await this.command("QUIT", this.limits.quitTimeoutMs);
      await this.connection.end();
    } catch {
      // Nothing depends on a farewell that was not heard (RFC 5321 §4.1.1.10).
      this.destroy();
    }
  }

  /** What the server may have said before it cut us off. Never throws, never waits for long. */
  async lastWords(): Promise<Reply | undefined> {
    try {
      return await this.readReply("the message", this.limits.quitTimeoutMs);
    } catch {
      // It said nothing: the trouble at hand is all that is known.
      return undefined;
    }
  }

  destroy(): void {
    this.#isBroken = true;
    this.connection.destroy();
  }

  /**
   * A line without its end; a bare LF ends one too, since nothing depends on it in an answer.
   * Unlike a command's line one that is too long is not read to its end: nobody has to be told.
   */
  async #readLine(timeoutMs: number): Promise<Uint8Array | undefined> {
    const bytesMax = this.limits.replyLineBytesMax;
    const parts: Uint8Array[] = [];
    for (let bytes = 0; bytes < bytesMax;) {
      const part = await this.#wire.readSome(bytesMax - bytes, timeoutMs);
      if (part === undefined) return undefined;
      const at = part.indexOf(LF);
      if (at >= 0) {
        this.#wire.unread(part.subarray(at + 1));
        const line = concat([...parts, part.subarray(0, at)]);
        return line.at(-1) === CR ? line.subarray(0, -1) : line;
      }
      parts.push(part);
      bytes += part.length;
    }
    throw new BadReply("a line without end");
  }

  async #guard<Result>(
    stage: string,
    timeoutMs: number,
    work: () => Promise<Result> | Result,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#broken(asTrouble(error, stage, timeoutMs));
    }
  }

  #broken<Reason>(reason: Reason): Reason {
    this.#isBroken = true;
    return reason;
  }
}

/** Verb of a command, for words that reach people: never its argument. */
function verbOf(line: string): string {
  return /^(?:MAIL FROM|RCPT TO|[A-Z]+)/.exec(line)?.[0] ?? "a command";
}

function tlsTrouble(text: string): TlsTrouble {
  return new TlsTrouble({ code: 0, status: "4.7.5", text });
}

function lost(stage: string): SessionTrouble {
  return trouble("4.4.2", `connection closed by the other side at ${stage}`);
}

function asTrouble(error: unknown, stage: string, timeoutMs: number): unknown {
  if (error instanceof BadReply)
    return trouble("4.5.0", `bad answer to ${stage}: ${error.message}`);
  if (error instanceof ConnectionLost) {
    return trouble("4.4.2", `connection lost at ${stage}: ${error.message}`);
  }
  if (!(error instanceof Refusal)) return error;
  if (error.reason === "timeout") {
    const seconds = Math.round(timeoutMs / 1000);
    return trouble("4.4.2", `no answer to ${stage} within ${seconds} seconds`);
  }
  return trouble("4.5.0", `bad answer to ${stage}: ${error.text}`);
}
