import net from "node:net";
import tls from "node:tls";

export interface TalkOptions {
  /** TLS from the first byte. */
  readonly isTls?: boolean;
  /** Address to come from, one of 127.0.0.0/8. */
  readonly from?: string;
}

const waitMsDefault = 10_000;

/**
 * A bare connection to a server, for clients that do what no library would: one character per
 * byte, and every wait has an end.
 */
export class Talk {
  #socket: net.Socket;
  #input = "";
  #isEnded = false;
  #wake: (() => void) | undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** @throws Error when nobody answers, or the TLS handshake fails. */
  static connect(port: number, options: TalkOptions = {}): Promise<Talk> {
    const from = options.from === undefined ? {} : { localAddress: options.from };
    return new Promise((resolve, reject) => {
      const target = { host: "127.0.0.1", port, ...from };
      const isTls = options.isTls === true;
      const socket = isTls
        ? tls.connect({ ...target, rejectUnauthorized: false })
        : net.connect(target);
      socket.setNoDelay(true);
      socket.once("error", reject);
      socket.once(isTls ? "secureConnect" : "connect", () => {
        socket.removeListener("error", reject);
        resolve(new Talk(socket));
      });
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** What has arrived and was not taken. */
  get waiting(): string {
    return this.#input;
  }

  /** Resolves when the kernel has taken it, or the connection is over. */
  send(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isEnded || !this.#socket.writable) return resolve();
      const done = () => {
        this.#socket.removeListener("close", done);
        resolve();
      };
      this.#socket.once("close", done);
      this.#socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data, done);
    });
  }

  /** Ends our side only: half-open. */
  end(): void {
    this.#socket.end();
  }

  /** Takes nothing more from the other side, so that its answers pile up there. */
  pause(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The next line without its end. @throws Error at the end of the connection or of the time. */
  async line(waitMs = waitMsDefault): Promise<string> {
    const found = await this.#until(() => this.#input.includes("\n"), waitMs);
    if (!found) throw new Error(`ended instead of a line, after ${JSON.stringify(this.#input)}`);
    const at = this.#input.indexOf("\n");
    const line = this.#input.slice(0, at).replace(/\r$/, "");
    this.#input = this.#input.slice(at + 1);
    return line;
  }

  /** Lines up to and with the first that matches, joined by "\n". */
  async linesTo(pattern: RegExp, waitMs = waitMsDefault): Promise<string> {
    const lines: string[] = [];
    const dueMs = performance.now() + waitMs;
    for (;;) {
      const line = await this.line(dueMs - performance.now());
      lines.push(line);
      if (pattern.test(line)) return lines.join("\n");
    }
  }

  /** An SMTP reply, all its lines. */
  reply(waitMs?: number): Promise<string> {
    return this.linesTo(/^\d{3}(?: |$)/, waitMs);
  }

  /** Sends an SMTP command and reads the reply. */
  async ask(command: string, waitMs?: number): Promise<string> {
    await this.send(`${command}\r\n`);
    return this.reply(waitMs);
  }

  /** Sends an IMAP command under a tag of its own and reads up to its tagged answer. */
  async imap(command: string, waitMs?: number): Promise<string> {
    await this.send(`t ${command}\r\n`);
    return this.linesTo(/^t /, waitMs);
  }

  /** Sends a POP3 command and reads its one line. */
  async pop(command: string, waitMs?: number): Promise<string> {
    await this.send(`${command}\r\n`);
    return this.line(waitMs);
  }

  /** All that comes until the other side ends. @throws Error when it does not in time. */
  async rest(waitMs = waitMsDefault): Promise<string> {
    await this.#until(() => false, waitMs);
    const rest = this.#input;
    this.#input = "";
    return rest;
  }

  /** A line that answers, or all that came before the end. @throws Error when there is neither. */
  async answerOrEnd(waitMs?: number): Promise<string> {
    const found = await this.#until(() => this.#input.includes("\n"), waitMs ?? waitMsDefault);
    return found ? this.line() : `${this.#input}(closed)`;
  }

  /** Starts TLS on what is a plain connection so far. */
  startTls(): Promise<void> {
    const plain = this.#socket;
    for (const event of ["data", "error", "close", "end"]) plain.removeAllListeners(event);
    return new Promise((resolve, reject) => {
      const secure = tls.connect({ socket: plain, rejectUnauthorized: false });
      secure.once("error", reject);
      secure.once("secureConnect", () => {
        secure.removeListener("error", reject);
        this.#socket = secure;
        this.#input = "";
        this.#listen();
        resolve();
      });
    });
  }

  #listen(): void {
    const over = () => {
      this.#isEnded = true;
      this.#wake?.();
    };
    this.#socket.on("data", (bytes: Buffer) => {
      this.#input += bytes.toString("latin1");
      this.#wake?.();
    });
    // A reset is an end, too: what the server wanted to say it has said before.
    this.#socket.on("error", over).on("close", over).on("end", over);
  }

  /** @returns false when the connection ended before. @throws Error at the end of the time. */
  async #until(holds: () => boolean, waitMs: number): Promise<boolean> {
    const dueMs = performance.now() + waitMs;
    while (!holds()) {
      if (this.#isEnded) return false;
      const leftMs = dueMs - performance.now();
      if (leftMs <= 0) {
        throw new Error(`nothing within ${Math.round(waitMs)} ms, only ${shown(this.#input)}`);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, leftMs);
      await promise;
      clearTimeout(timer);
    }
    return true;
  }
}

function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
