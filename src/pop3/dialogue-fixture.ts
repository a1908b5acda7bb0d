import assert from "node:assert/strict";
import type { Authenticator } from "../accounts/accounts.ts";
import { findLoginName } from "../accounts/login-name.ts";
import { Refusal } from "../base/faults.ts";
import { type Log, silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { noFlags } from "../mailbox/flags.ts";
import { createMailFixture } from "../mailbox/mail-fixture.ts";
import type { MailFixture } from "../mailbox/mail-fixture.ts";
import { createMemoryNetwork } from "../net/memory-network.ts";
import { MemoryTlsContext } from "../net/memory-tls.ts";
import type { Connection } from "../net/network.ts";
import { createPop3Server, type Pop3Server, type Pop3ServerOptions } from "./pop3-server.ts";

/** For tests: a POP3 door for ana@example.org (password "secret word") on a memory network. */
export interface Pop3Fixture extends AsyncDisposable {
  readonly fixture: MailFixture;
  readonly server: Pop3Server;
  /** A client that has read the greeting, on the machine with that address. */
  connect(from?: string): Promise<Pop3Client>;
  /** One that is logged in, as ana@example.org or by another name of hers. */
  logIn(name?: string): Promise<Pop3Client>;
  /** Puts messages into INBOX, given as text with CRLF. */
  put(...messages: readonly string[]): Promise<void>;
}

export interface Pop3FixtureOptions extends Partial<Pop3ServerOptions> {
  readonly isImplicitTls?: boolean;
}

export async function createPop3Fixture(options: Pop3FixtureOptions = {}): Promise<Pop3Fixture> {
  const fixture = await createMailFixture();
  const { clock, service, mail, inbox } = fixture;
  const network = createMemoryNetwork({ clock });
  const { isImplicitTls = false, ...given } = options;
  const log: Log = silentLog;
  const server = createPop3Server({
    mail: service,
    authenticator: authenticatorOf(fixture),
    tls: new MemoryTlsContext({ names: ["mail.example.org"] }),
    plainTextLogin: "loopback",
    clock,
    random: seededRandom(1),
    log,
    ...given,
  });
  const listener = await network.listen({ address: "127.0.0.1", port: 110 }, (connection) =>
    server.accept(connection, { isImplicitTls }),
  );
  const clients: Pop3Client[] = [];
  const dial = async (from = "127.0.0.1") => {
    const { address, port } = listener.local;
    const connection = await network.host(from).connect({ address, port, timeoutMs: 1000 });
    if (isImplicitTls) await connection.startTlsClient(tlsOptions, 1000);
    const client = new Pop3Client(connection);
    clients.push(client);
    assert.equal(await client.line(), "+OK Golub POP3 ready.");
    return client;
  };
  return {
    fixture,
    server,
    connect: dial,
    async logIn(name = "ana@example.org") {
      const client = await dial();
      await client.say(`USER ${name}`);
      assert.match(await client.say("PASS secret word"), /^\+OK/);
      return client;
    },
    async put(...messages) {
      const items = messages.map((text) => ({ parts: [Buffer.from(text)], flags: noFlags }));
      await mail.append(inbox, items);
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.connection.destroy();
      await clock.run(server.close(0));
      await listener.close();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const tlsOptions = { serverName: "mail.example.org", mustVerify: false };

export class Pop3Client {
  readonly connection: Connection;
  #received = "";

  constructor(connection: Connection) {
    this.connection = connection;
  }

  send(text: string): void {
    void this.connection.write(text);
  }

  /** The next line, one character per byte, without its end; undefined at the end of input. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#received.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 2);
        return line;
      }
      const bytes = await this.connection.read(60_000);
      if (bytes === undefined) return undefined;
      this.#received += Buffer.from(bytes).toString("latin1");
    }
  }

  /** Sends a command, and gives the first line of the answer. */
  async say(command: string): Promise<string> {
    this.send(`${command}\r\n`);
    return (await this.line()) ?? "";
  }

  /** The lines up to the final dot, with the dots of stuffing taken away. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined || line === ".") return lines;
      lines.push(line.startsWith(".") ? line.slice(1) : line);
    }
  }

  async startTls(): Promise<void> {
    await this.connection.startTlsClient(tlsOptions, 1000);
  }
}

function authenticatorOf({ account }: MailFixture): Authenticator {
  const address = "ana@example.org";
  const login = { account, address, device: "" };
  return {
    async checkPassword(text, password) {
      const { account: name, device } = findLoginName(text) ?? { account: "", device: "" };
      if (name === "busy@example.org") throw new Refusal("unavailable", "Try again later.");
      if (name === address && ["secret word", "čarape"].includes(password))
        return { ...login, device };
      throw new Refusal("loginFailed", "Wrong name or password.");
    },
    async findScramSecret() {
      throw new Refusal("unavailable", "Try again later.");
    },
    confirmLogin: async () => login,
  };
}
