import { fromLatin1 } from "../../base/bytes.ts";
import { sleep } from "../../base/clock.ts";
import type { Dice } from "../dice.ts";
import { readContents } from "../world/letters.ts";
import { Lines } from "../world/lines.ts";
import { ourAddress, ourHostName, people, type Person } from "../world/people.ts";
import { isBusy, type Stage } from "../world/stage.ts";

const minute = 60_000;
const timeoutMs = 600_000;

class PopLost extends Error {}

/** A POP3 program of one person: fetches, marks, and says QUIT or vanishes. */
export class PopClient {
  readonly #stage: Stage;
  readonly #name: string;
  readonly #dice: Dice;
  readonly #person: Person;
  readonly #from: string;

  constructor(stage: Stage, number: number) {
    this.#stage = stage;
    this.#name = `pop${number}`;
    this.#dice = stage.dice.fork(this.#name);
    this.#person = this.#dice.pick(people);
    this.#from = `203.0.113.${200 + number}`;
  }

  async run(): Promise<void> {
    const { clock, trace } = this.#stage;
    while (isBusy(this.#stage)) {
      await sleep(clock, this.#dice.spread(minute, 60 * minute));
      if (!isBusy(this.#stage)) return;
      try {
        await this.#session();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        trace.add(this.#name, `is cut off: ${why}`);
      }
    }
  }

  async #session(): Promise<void> {
    const target = { address: ourAddress, port: 995, timeoutMs: 30_000 };
    const connection = await this.#stage.network.host(this.#from).connect(target);
    try {
      await connection.startTlsClient({ serverName: ourHostName, mustVerify: false }, 60_000);
      await this.#fetchMail(new Lines(connection));
    } finally {
      connection.destroy();
    }
  }

  async #fetchMail(lines: Lines): Promise<void> {
    const dice = this.#dice;
    await answer(lines);
    await ask(lines, `USER ${this.#person.address}`);
    await ask(lines, `PASS ${this.#person.password}`);
    await ask(lines, "UIDL");
    const entries = (await many(lines)).map((line) => line.split(" "));
    const marked: string[] = [];
    for (const [number = "", uniqueId = ""] of dice.sample(entries, dice.between(0, 5))) {
      await ask(lines, `RETR ${number}`);
      const text = (await many(lines)).map((line) => `${line}\r\n`).join("");
      this.#sight(uniqueId, text);
      if (!dice.chance(0.6)) continue;
      await ask(lines, `DELE ${number}`);
      marked.push(uniqueId);
    }
    if (dice.chance(0.2)) {
      await ask(lines, "RSET");
      marked.length = 0;
    }
    if (dice.chance(0.25)) return;
    const keys = marked.map((uniqueId) => `${this.#person.address} ${uniqueId.split(".")[1]}`);
    const { ledger, trace } = this.#stage;
    for (const key of keys) ledger.popDeletions.add(key);
    await ask(lines, "QUIT");
    for (const key of keys) ledger.popRemoved.add(key);
    trace.add(this.#name, `has removed ${keys.join(", ") || "nothing"}`);
  }

  #sight(uniqueId: string, text: string): void {
    const contents = readContents(fromLatin1(text));
    if (contents.kind === "other") return;
    const [uidValidity, uid] = uniqueId.split(".").map(Number);
    this.#stage.ledger.sightings.push({
      account: this.#person.address,
      mailbox: "INBOX",
      uidValidity: uidValidity ?? 0,
      uid: uid ?? 0,
      token: contents.token,
    });
  }
}

async function answer(lines: Lines): Promise<string> {
  const line = await lines.line(timeoutMs);
  if (line === undefined) throw new PopLost("the server hung up");
  if (!line.startsWith("+OK")) throw new PopLost(line);
  return line;
}

function ask(lines: Lines, command: string): Promise<string> {
  lines.say(command);
  return answer(lines);
}

/** Lines up to the dot, without the added ones. */
async function many(lines: Lines): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const line = await lines.line(timeoutMs);
    if (line === undefined) throw new PopLost("the server hung up");
    if (line === ".") return all;
    all.push(line.startsWith(".") ? line.slice(1) : line);
  }
}
