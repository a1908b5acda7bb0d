import { fromUtf8, latin1 } from "../../base/bytes.ts";
import type { Dice } from "../dice.ts";
import type { Fate } from "../world/ledger.ts";
import type { Letter } from "../world/letters.ts";
import { Lines } from "../world/lines.ts";
import { ourAddress, ourHostName, type Person } from "../world/people.ts";
import type { Stage } from "../world/stage.ts";

/** One message to hand over, in one connection. */
export interface SmtpErrand {
  readonly door: "mx" | "submission" | "submissions" | "lmtp";
  /** The client's address. */
  readonly from: string;
  readonly person: Person | undefined;
  readonly letter: Letter;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly notify: string | undefined;
  readonly dice: Dice;
}

const ports = { mx: 25, submission: 587, submissions: 465, lmtp: 24 } as const;
/** As patient as RFC 5321 §4.5.3.2 wants. */
const timeoutMs = 300_000;
const dotTimeoutMs = 600_000;

/** The connection ended or an answer made no sense, so that nothing more can be said. */
class Over extends Error {}

/**
 * Hands a message over as a mail program or server would.
 * @returns the fate of each recipient; those that were not asked about are absent.
 */
export async function visitSmtp(
  stage: Stage,
  errand: SmtpErrand,
): Promise<ReadonlyMap<string, Fate>> {
  const fates = new Map<string, Fate>();
  const talk = new SmtpTalk(stage, errand, fates);
  try {
    await talk.run();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    stage.trace.add(errand.letter.token, `breaks off: ${why}`);
  } finally {
    talk.close();
  }
  return fates;
}

class SmtpTalk {
  readonly #stage: Stage;
  readonly #errand: SmtpErrand;
  readonly #fates: Map<string, Fate>;
  #lines: Lines | undefined;

  constructor(stage: Stage, errand: SmtpErrand, fates: Map<string, Fate>) {
    this.#stage = stage;
    this.#errand = errand;
    this.#fates = fates;
  }

  close(): void {
    this.#lines?.connection.destroy();
  }

  async run(): Promise<void> {
    const { door, recipients, dice } = this.#errand;
    await this.#open();
    const accepted = dice.chance(0.5) ? await this.#askTogether() : await this.#askEach();
    if (accepted.length > 0) {
      if (this.#isChunked) await this.#sendChunks(accepted);
      else await this.#sendData(accepted);
    }
    this.#stage.trace.add(
      this.#errand.letter.token,
      `${door}: ${recipients.map((one) => `${one} ${this.#fates.get(one)?.kind ?? "-"}`).join(", ")}`,
    );
    await this.#command("QUIT").catch(() => undefined);
  }

  async #open(): Promise<void> {
    const { door, from, person, dice } = this.#errand;
    const target = { address: ourAddress, port: ports[door], timeoutMs: 30_000 };
    const connection = await this.#stage.network.host(from).connect(target);
    this.#lines = new Lines(connection);
    const tls = { serverName: ourHostName, mustVerify: false };
    if (door === "submissions") await connection.startTlsClient(tls, timeoutMs);
    this.#expect(await this.#reply(), 220);
    this.#expect(await this.#hello(), 250);
    if (door === "submission" || (door === "mx" && dice.chance(0.3))) {
      this.#expect(await this.#command("STARTTLS"), 220);
      await connection.startTlsClient(tls, timeoutMs);
      this.#lines = new Lines(connection);
      this.#expect(await this.#hello(), 250);
    }
    if (person === undefined) return;
    const plain = fromUtf8(`\0${person.address}\0${person.password}`);
    const initial = Buffer.from(plain).toString("base64");
    this.#expect(await this.#command(`AUTH PLAIN ${initial}`), 235);
  }

  #hello(): Promise<Reply> {
    const { door, from } = this.#errand;
    return this.#command(`${door === "lmtp" ? "LHLO" : "EHLO"} [${from}]`);
  }

  get #isChunked(): boolean {
    return this.#errand.letter.bytes.length % 3 === 0;
  }

  #mail(): string {
    const { sender, letter, dice } = this.#errand;
    const size = dice.chance(0.5) ? ` SIZE=${letter.bytes.length}` : "";
    return `MAIL FROM:<${sender}>${size}${letter.is8bit ? " BODY=8BITMIME" : ""}`;
  }

  #rcpt(recipient: string): string {
    const { notify } = this.#errand;
    return `RCPT TO:<${recipient}>${notify === undefined ? "" : ` NOTIFY=${notify}`}`;
  }

  async #askTogether(): Promise<string[]> {
    const { recipients } = this.#errand;
    const commands = [this.#mail(), ...recipients.map((one) => this.#rcpt(one))];
    this.#need().send(commands.map((command) => `${command}\r\n`).join(""));
    const mail = await this.#reply();
    const accepted: string[] = [];
    for (const recipient of recipients) {
      this.#note(accepted, recipient, await this.#reply());
    }
    this.#expect(mail, 250);
    return accepted;
  }

  async #askEach(): Promise<string[]> {
    this.#expect(await this.#command(this.#mail()), 250);
    const accepted: string[] = [];
    for (const recipient of this.#errand.recipients) {
      this.#note(accepted, recipient, await this.#command(this.#rcpt(recipient)));
    }
    return accepted;
  }

  #note(accepted: string[], recipient: string, { code }: Reply): void {
    if (code === 250) accepted.push(recipient);
    else this.#fates.set(recipient, { kind: "refused", code });
  }

  async #sendData(accepted: readonly string[]): Promise<void> {
    this.#expect(await this.#command("DATA"), 354);
    const text = latin1(this.#errand.letter.bytes).replace(/^\./gm, "..");
    this.#need().send(text);
    await this.#end(accepted, ".\r\n");
  }

  async #sendChunks(accepted: readonly string[]): Promise<void> {
    const { bytes } = this.#errand.letter;
    const at = this.#errand.dice.between(0, bytes.length);
    this.#need().send(`BDAT ${at}\r\n`);
    this.#need().send(bytes.subarray(0, at));
    this.#expect(await this.#reply(), 250);
    this.#need().send(`BDAT ${bytes.length - at} LAST\r\n`);
    await this.#end(accepted, bytes.subarray(at));
  }

  /** From the last byte on, silence means that nobody knows. */
  async #end(accepted: readonly string[], last: Uint8Array | string): Promise<void> {
    for (const one of accepted) this.#fates.set(one, { kind: "unknown" });
    this.#need().send(last);
    const isEach = this.#errand.door === "lmtp";
    let answer: Reply | undefined;
    for (const one of accepted) {
      answer = isEach || answer === undefined ? await this.#reply(dotTimeoutMs) : answer;
      const journey = /kept as (\S+)/.exec(answer.text)?.[1] ?? "";
      const isKept = answer.code === 250;
      const fate: Fate = isKept
        ? { kind: "acknowledged", journey }
        : { kind: "refused", code: answer.code };
      // 421 is not about the message: the server closes, whatever it has done.
      this.#fates.set(one, answer.code === 421 ? { kind: "unknown" } : fate);
    }
  }

  #command(text: string): Promise<Reply> {
    this.#need().say(text);
    return this.#reply();
  }

  async #reply(waitMs = timeoutMs): Promise<Reply> {
    const texts: string[] = [];
    for (;;) {
      const line = await this.#need().line(waitMs);
      if (line === undefined) throw new Over("the server hung up");
      const [, code, more, text = ""] = /^(\d{3})([ -]?)(.*)$/.exec(line) ?? [];
      if (code === undefined) {
        this.#stage.ledger.complain(this.#errand.letter.token, `"${line}" is no SMTP reply`);
        throw new Over("no reply");
      }
      texts.push(text);
      if (more !== "-") return { code: Number(code), text: texts.join("\n") };
    }
  }

  #expect({ code, text }: Reply, wanted: number): void {
    if (code !== wanted) throw new Over(`${code} ${text}`);
  }

  #need(): Lines {
    if (this.#lines === undefined) throw new Over("not connected");
    return this.#lines;
  }
}

interface Reply {
  readonly code: number;
  readonly text: string;
}
