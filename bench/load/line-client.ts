import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** A client of a line protocol that costs little: text as Latin-1, one pending read. */
export class LineClient {
  readonly socket: Socket;
  #text = "";
  #wake: (() => void) | undefined;
  #isEnded = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#text += text;
      this.#wake?.();
    });
    const end = () => {
      this.#isEnded = true;
      this.#wake?.();
    };
    socket.on("close", end).on("error", end);
  }

  static async open(port: number, isTls = false): Promise<LineClient> {
    const host = "127.0.0.1";
    const socket = isTls
      ? connectTls({ host, port, rejectUnauthorized: false })
      : connect({ host, port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once(isTls ? "secureConnect" : "connect", resolve).once("error", reject);
    });
    return new LineClient(socket);
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** The next line without its CRLF. */
  async line(): Promise<string> {
    for (;;) {
      const at = this.#text.indexOf("\r\n");
      if (at >= 0) {
        const line = this.#text.slice(0, at);
        this.#text = this.#text.slice(at + 2);
        return line;
      }
      await this.#more();
    }
  }

  /** An SMTP reply: its last line. */
  async reply(code: string): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (line[3] === "-") continue;
      if (!line.startsWith(code)) throw new Error(`expected ${code}, got ${line}`);
      return line;
    }
  }

  async ask(command: string, code: string): Promise<string> {
    this.send(`${command}\r\n`);
    return this.reply(code);
  }

  /** Reads until `mark` has come by at the start of a line, throws all away; bytes seen. */
  async skipUntil(mark: string): Promise<number> {
    let seen = 0;
    const needle = `\r\n${mark}`;
    for (;;) {
      const isAtStart = this.#text.startsWith(mark);
      const at = isAtStart ? 0 : this.#text.indexOf(needle);
      if (at >= 0) {
        const end = this.#text.indexOf("\r\n", isAtStart ? 0 : at + 2);
        if (end >= 0) {
          seen += end + 2;
          this.#text = this.#text.slice(end + 2);
          return seen;
        }
      }
      // Only what may be the beginning of the mark is kept: large answers cost no memory.
      const keep = Math.min(this.#text.length, at >= 0 ? this.#text.length - at : needle.length);
      seen += this.#text.length - keep;
      this.#text = this.#text.slice(this.#text.length - keep);
      await this.#more();
    }
  }

  close(): void {
    this.socket.destroy();
  }

  async #more(): Promise<void> {
    if (this.#isEnded) throw new Error("connection ended");
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
