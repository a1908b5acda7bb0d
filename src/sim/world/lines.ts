import { concat, latin1, LF } from "../../base/bytes.ts";
import type { Connection } from "../../net/network.ts";

/** A connection as lines, for simulated clients and servers. One character per byte. */
export class Lines {
  readonly connection: Connection;
  #input: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Sends text with its line end. */
  say(text: string): void {
    this.send(`${text}\r\n`);
  }

  /** Sends as it is. Whoever sends does not wait for the peer: the answer is what counts. */
  send(data: Uint8Array | string): void {
    void this.connection.write(data);
  }

  /** The next line without its end; undefined at the end of the stream. */
  async line(timeoutMs: number): Promise<string | undefined> {
    for (;;) {
      const at = this.#input.indexOf(LF);
      if (at >= 0) {
        const line = latin1(this.#input, 0, at).replace(/\r$/, "");
        this.#input = this.#input.subarray(at + 1);
        return line;
      }
      if (!(await this.#more(timeoutMs))) return undefined;
    }
  }

  async exactly(count: number, timeoutMs: number): Promise<Uint8Array | undefined> {
    while (this.#input.length < count) if (!(await this.#more(timeoutMs))) return undefined;
    const bytes = this.#input.subarray(0, count);
    this.#input = this.#input.subarray(count);
    return bytes;
  }

  async #more(timeoutMs: number): Promise<boolean> {
    const bytes = await this.connection.read(timeoutMs);
    if (bytes === undefined) return false;
    this.#input = this.#input.length === 0 ? bytes : concat([this.#input, bytes]);
    return true;
  }
}
