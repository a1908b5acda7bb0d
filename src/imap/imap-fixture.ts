import assert from "node:assert/strict";
import type { Authenticator } from "../accounts/accounts.ts";
import { concat, fromUtf8, latin1, LF } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import { type Log, silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import {
  createMailFixture,
  type MailFixture,
  type MailFixtureOptions,
} from "../mailbox/mail-fixture.ts";
import { createMemoryNetwork } from "../net/memory-network.ts";
import type { Connection } from "../net/network.ts";
import { createImapServer, type ImapServer, type ImapServerOptions } from "./imap-server.ts";

export interface ImapFixtureOptions extends MailFixtureOptions {
  readonly server?: Partial<ImapServerOptions>;
  readonly authenticator?: Partial<Authenticator>;
  readonly log?: Log;
}

/** For tests: an IMAP server on a memory network, with one account "ana", password "secret". */
export interface ImapFixture extends AsyncDisposable {
  readonly world: MailFixture;
  readonly server: ImapServer;
  connect(): Promise<DialogueClient>;
  /** Runs a dialogue; see `playDialogue`. */
  play(script: string): Promise<void>;
}

const lineTimeoutMs = 5000;

/** A client that says lines and reads lines; what it reads never blocks for long. */
export class DialogueClient {
  readonly connection: Connection;
  readonly #world: MailFixture;
  #input: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection, world: MailFixture) {
    this.connection = connection;
    this.#world = world;
  }

  say(line: string): void {
    void this.connection.write(fromUtf8(`${line}\r\n`));
  }

  send(octets: string): void {
    void this.connection.write(octets);
  }

  /** The next line without its end; undefined when the server has hung up. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const at = this.#input.indexOf(LF);
      if (at >= 0) {
        const line = Buffer.from(this.#input.subarray(0, at)).toString("utf8");
        this.#input = this.#input.subarray(at + 1);
        return line.replace(/\r$/, "");
      }
      const more = await this.#world.clock.run(this.connection.read(lineTimeoutMs));
      if (more === undefined) return undefined;
      this.#input = concat([this.#input, more]);
    }
  }

  /** Lines up to and with the one that begins with the tag. */
  async until(tag: string): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      assert.ok(line !== undefined, "the server hung up");
      lines.push(line);
      if (line.startsWith(`${tag} `)) return lines;
    }
  }

  /** What has arrived and was not read. */
  async rest(): Promise<string> {
    await this.#world.clock.settle();
    const more = this.connection.read(1).catch((error: unknown) => {
      if (error instanceof Refusal) return undefined;
      throw error;
    });
    const bytes = await this.#world.clock.run(more);
    return latin1(concat([this.#input, bytes ?? new Uint8Array(0)]));
  }
}

export async function createImapFixture(options: ImapFixtureOptions = {}): Promise<ImapFixture> {
  const world = await createMailFixture(options);
  const { clock } = world;
  const network = createMemoryNetwork({ clock });
  const server = createImapServer({
    mail: world.service,
    authenticator: { ...knowsAna(world), ...options.authenticator },
    clock,
    random: seededRandom(5),
    log: options.log ?? silentLog,
    plainTextLogin: "always",
    ...options.server,
  });
  const listener = await network.listen({ address: "127.0.0.1", port: 143 }, (connection) => {
    void server.serve(connection);
  });
  const connect = async () => {
    const connection = await network.connect({ address: "127.0.0.1", port: 143, timeoutMs: 1000 });
    return new DialogueClient(connection, world);
  };
  const opened: DialogueClient[] = [];
  return {
    world,
    server,
    connect: async () => {
      const client = await connect();
      opened.push(client);
      return client;
    },
    play: (script) => playDialogue(script, connect),
    async [Symbol.asyncDispose]() {
      for (const client of opened) client.connection.destroy();
      await clock.run(server.close(10));
      await listener.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

function knowsAna(world: MailFixture): Authenticator {
  const login = { account: world.account, address: "ana@example.org", device: "" };
  return {
    async checkPassword(name, password) {
      if (name === "ana" && password === "secret") return login;
      throw new Refusal("loginFailed", "Wrong name or password.");
    },
    findScramSecret: () => Promise.reject(new Refusal("unavailable", "No SCRAM here.")),
    confirmLogin: async () => login,
  };
}

/**
 * Plays a dialogue. Each line is `C: text` (the client says), `S: text` (the server must say),
 * `2C:` and `2S:` for a second session, and so on; `S: <end>` is the end of the connection. "..."
 * stands for anything within a line. Greeting and login need not be written: a session begins
 * logged in, unless the script's first line is `plain`. Nothing may be left unread at the end.
 */
async function playDialogue(script: string, connect: () => Promise<DialogueClient>): Promise<void> {
  const lines = script.split("\n").map((line) => line.replace(/^ +/, ""));
  const isPlain = lines.some((line) => line.trim() === "plain");
  const clients = new Map<string, DialogueClient>();
  for (const line of lines) {
    const match = /^(\d*)([CS]): ?(.*)$/.exec(line);
    if (match === null) continue;
    const [, who = "", side, text = ""] = match;
    let client = clients.get(who);
    if (client === undefined) {
      client = await connect();
      clients.set(who, client);
      if (!isPlain) await logIn(client);
    }
    if (side === "C") client.say(text);
    else expectLine(await client.line(), text, script);
  }
  for (const client of clients.values()) {
    assert.equal(await client.rest(), "", `nothing is left unread in:\n${script}`);
    client.connection.destroy();
  }
}

export async function logIn(client: DialogueClient): Promise<void> {
  await client.line();
  client.say("login LOGIN ana secret");
  await client.until("login");
}

function expectLine(said: string | undefined, expected: string, script: string): void {
  if (expected === "<end>" && said === undefined) return;
  const pattern = expected
    .split("...")
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join(".*");
  assert.match(said ?? "<end>", new RegExp(`^${pattern}$`), `expected: ${expected}\nin:${script}`);
}
