import assert from "node:assert/strict";
import { latin1 } from "../../base/bytes.ts";
import type { Connection } from "../../net/network.ts";
import {
  createSmtpFixture,
  fixtureAddress,
  fixturePort,
  type SmtpFixture,
  type SmtpFixtureOptions,
} from "./smtp-fixture.ts";

/** Longest wait for an answer, milliseconds of virtual time. */
const answerMs = 60_000;

export interface DialogueOptions extends SmtpFixtureOptions {
  /** Where the clients come from. */
  readonly from?: string;
}

/**
 * Plays a script against a door and checks every answer. A line of the script is one of
 *
 *     C: text            sends the text and CRLF
 *     C> "a\r\nb"        sends the bytes of a JSON string, nothing added
 *     S: pattern         the next line of the answer; "*" stands for anything
 *     S~ pattern         skips lines of the answer up to one like this
 *     TLS                does the handshake
 *     WAIT 5000          lets milliseconds pass
 *     END                the server has ended the connection, after nothing more was said
 *     INBOX a@b 2        so many messages are in the mailbox
 *     QUEUE 1            so many messages are in the queue
 *
 * A line that begins with "2" and a space belongs to a second session beside the first. Empty lines
 * and lines that begin with "#" are nothing.
 */
export async function playDialogue(
  script: string,
  options: DialogueOptions = {},
): Promise<SmtpFixture> {
  const fixture = await createSmtpFixture(options);
  const sessions = new Map<string, Player>();
  for (const line of script.split("\n").map((text) => text.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name = "1", act = ""] = /^(?:(2) )?(.*)$/.exec(line) ?? [];
    const player = sessions.get(name) ?? (await Player.connect(fixture, options.from));
    sessions.set(name, player);
    await play(fixture, player, act, line);
  }
  for (const player of sessions.values()) player.connection.destroy();
  await fixture.clock.settle();
  return fixture;
}

async function play(
  fixture: SmtpFixture,
  player: Player,
  act: string,
  line: string,
): Promise<void> {
  const [, kind = "", text = ""] = /^(C:|C>|S:|S~|[A-Z]+) ?(.*)$/.exec(act) ?? [];
  switch (kind) {
    case "C:":
      return player.send(`${text}\r\n`);
    case "C>":
      return player.send(String(JSON.parse(text)));
    case "S:":
      return assert.match(await player.readLine(line), patternOf(text), line);
    case "S~":
      return player.skipTo(patternOf(text), line);
    case "TLS":
      return player.startTls();
    case "WAIT":
      return fixture.clock.advance(Number(text));
    case "END":
      return assert.equal(await player.readToEnd(), "", line);
    case "INBOX": {
      const [address = "", count] = text.split(" ");
      return assert.equal((await fixture.inbox(address)).length, Number(count), line);
    }
    case "QUEUE":
      return assert.equal((await fixture.store.queue.counts()).messages, Number(text), line);
    default:
      throw new Error(`not a line of a dialogue: ${line}`);
  }
}

function patternOf(text: string): RegExp {
  const escaped = text.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${escaped}$`);
}

/** One client's end of a dialogue. */
class Player {
  readonly connection: Connection;
  readonly #fixture: SmtpFixture;
  #unread = "";

  constructor(fixture: SmtpFixture, connection: Connection) {
    this.#fixture = fixture;
    this.connection = connection;
  }

  static async connect(fixture: SmtpFixture, from = "198.51.100.9"): Promise<Player> {
    const { clock, network } = fixture;
    const target = { address: fixtureAddress, port: fixturePort, timeoutMs: answerMs };
    return new Player(fixture, await clock.run(network.host(from).connect(target)));
  }

  async send(text: string): Promise<void> {
    await this.connection.write(Buffer.from(text, "utf8"));
    await this.#fixture.clock.settle();
  }

  async readLine(line: string): Promise<string> {
    while (!this.#unread.includes("\r\n")) {
      const bytes = await this.#fixture.clock.run(this.connection.read(answerMs));
      assert.ok(bytes !== undefined, `the server hung up before: ${line}`);
      this.#unread += latin1(bytes);
    }
    const end = this.#unread.indexOf("\r\n");
    const found = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 2);
    return found;
  }

  async skipTo(pattern: RegExp, line: string): Promise<void> {
    for (let left = 100; left > 0; left--) if (pattern.test(await this.readLine(line))) return;
    assert.fail(line);
  }

  async readToEnd(): Promise<string> {
    const clock = this.#fixture.clock;
    for (;;) {
      const bytes = await clock.run(this.connection.read(answerMs)).catch(() => undefined);
      if (bytes === undefined) return this.#unread;
      this.#unread += latin1(bytes);
    }
  }

  async startTls(): Promise<void> {
    const options = { serverName: "mx.golub.example", mustVerify: false };
    await this.#fixture.clock.run(this.connection.startTlsClient(options, answerMs));
  }
}
