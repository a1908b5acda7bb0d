import { sleep } from "../../base/clock.ts";
import type { Dice } from "../dice.ts";
import { type Person, people } from "../world/people.ts";
import { isBusy, type Stage } from "../world/stage.ts";
import { ImapActs } from "./imap-acts.ts";
import { ImapLost, ImapTalk } from "./imap-talk.ts";
import { type FetchFacts, ImapModel } from "./imap-model.ts";

/** How a client speaks: as old ones do, with mod-sequences, or with quick resynchronisation. */
export type Dialect = "plain" | "condstore" | "qresync" | "rev2";

const minute = 60_000;
const mailboxes = ["INBOX", "INBOX", "INBOX", "Archive", "Trash"] as const;

/** One mail program of one person: acts, loses its connection, and comes back. */
export class ImapClient {
  readonly name: string;
  readonly person: Person;
  readonly dialect: Dialect;
  readonly stage: Stage;
  readonly dice: Dice;
  readonly #from: string;
  readonly #models = new Map<string, ImapModel>();
  #talk: ImapTalk | undefined;
  #model: ImapModel | undefined;
  /** Lines of FETCH answers of the command at hand, for acts that read messages. */
  readonly fetched: string[] = [];
  /** The same as the model took them. */
  readonly facts: FetchFacts[] = [];
  /** For acts that look for a response code among untagged answers. */
  onUntagged: ((line: string) => void) | undefined;
  #acts: ImapActs | undefined;

  constructor(stage: Stage, number: number) {
    this.stage = stage;
    this.name = `imap${number}`;
    this.dice = stage.dice.fork(this.name);
    this.person = this.dice.pick(people);
    this.dialect = this.dice.pick(["plain", "condstore", "qresync", "qresync", "rev2"]);
    this.#from = `203.0.113.${100 + number}`;
  }

  get talk(): ImapTalk {
    if (this.#talk === undefined) throw new ImapLost("not connected");
    return this.#talk;
  }

  get model(): ImapModel {
    if (this.#model === undefined) throw new ImapLost("no mailbox is open");
    return this.#model;
  }

  /** Acts until the busy time is over. */
  async run(): Promise<void> {
    const { stage, dice } = this;
    while (isBusy(stage)) {
      await sleep(stage.clock, dice.spread(1_000, 10 * minute));
      if (!isBusy(stage)) break;
      await this.#attempt(async () => {
        await this.#connect();
        const actCount = dice.between(1, 30);
        for (let count = 0; count < actCount && isBusy(stage); count++) {
          await this.#acts?.actOnce();
          await sleep(stage.clock, dice.spread(10, 2 * minute));
        }
        if (dice.chance(0.5)) await this.talk.command("LOGOUT");
      });
    }
  }

  /** Comes back when all is calm, and writes down what it sees of each mailbox that it knows. */
  async finish(): Promise<void> {
    const { stage, person } = this;
    await this.#attempt(async () => {
      await this.#connect();
      for (const mailbox of new Set(mailboxes)) {
        await this.select(mailbox);
        await this.#acts?.learn();
        const tagged = await this.talk.command("NOOP");
        if (tagged.status !== "OK") stage.ledger.complain(this.name, `NOOP: ${tagged.text}`);
        const { messages, uidValidity } = this.model;
        stage.ledger.finalViews.push({
          client: `${this.name} (${this.dialect})`,
          account: person.address,
          mailbox,
          uidValidity,
          messages: messages.map(({ uid = 0, flags }) => ({ uid, flags: [...(flags ?? [])] })),
        });
      }
      await this.talk.command("LOGOUT");
    }, true);
  }

  async select(mailbox: string): Promise<void> {
    const known = this.#models.get(mailbox);
    const model = known ?? new ImapModel(mailbox, (what) => this.#complain(what));
    this.#models.set(mailbox, model);
    // A model whose messages are not all known cannot be resynchronised.
    const isWhole = model.messages.every(({ uid, flags }) => uid !== undefined && flags);
    const isResync = this.dialect === "qresync" && model.highestModSeq > 0 && isWhole;
    model.reopen(isResync);
    this.#model = undefined;
    const since = `${model.uidValidity} ${model.highestModSeq}`;
    const parameters = isResync
      ? ` (QRESYNC (${since}))`
      : this.dialect === "condstore"
        ? " (CONDSTORE)"
        : "";
    this.#selecting = { model, isResync, highest: 0, exists: 0 };
    const { status, text } = await this.talk.command(`SELECT ${mailbox}${parameters}`);
    const { highest } = this.#selecting;
    if (isResync) this.#fill(this.#selecting);
    this.#selecting = undefined;
    if (status !== "OK") throw new ImapLost(`SELECT: ${text}`);
    this.#model = model;
    if (highest > 0) model.noteSelected(highest);
  }

  #selecting:
    | { readonly model: ImapModel; readonly isResync: boolean; highest: number; exists: number }
    | undefined;

  /** Hands an untagged answer to whom it concerns. */
  #untagged(line: string): void {
    const selecting = this.#selecting;
    const model = selecting?.model ?? this.#model;
    const highest = /^OK \[HIGHESTMODSEQ (\d+)\]/.exec(line)?.[1];
    if (highest !== undefined && selecting !== undefined) selecting.highest = Number(highest);
    if (/^\d+ FETCH/.test(line)) this.fetched.push(line);
    this.onUntagged?.(line);
    if (selecting?.isResync === true) return this.#takeResync(selecting, line);
    const fact = model?.take(line);
    if (fact !== undefined) this.facts.push(fact);
  }

  /** RFC 7162 §3.2.5.1: EXISTS counts what is there now, VANISHED (EARLIER) comes after it. */
  #takeResync(selecting: { readonly model: ImapModel; exists: number }, line: string): void {
    const { model } = selecting;
    const exists = /^(\d+) EXISTS/.exec(line)?.[1];
    if (exists !== undefined) {
      selecting.exists = Number(exists);
      return;
    }
    if (/^\d+ FETCH/.test(line)) this.#fill(selecting);
    model.take(line);
  }

  #fill({ model, exists }: { readonly model: ImapModel; readonly exists: number }): void {
    if (model.messages.length > exists) {
      model.complain(`${model.messages.length} messages are left where EXISTS said ${exists}`);
      model.messages.length = exists;
    }
    while (model.messages.length < exists) {
      model.messages.push({ uid: undefined, flags: undefined });
    }
  }

  async #connect(): Promise<void> {
    const { stage, person } = this;
    this.#model = undefined;
    this.#talk = await ImapTalk.open(stage, {
      from: this.#from,
      person,
      untagged: (line) => this.#untagged(line),
    });
    this.#acts = new ImapActs(this);
    const enable = { plain: "", condstore: "CONDSTORE", qresync: "QRESYNC", rev2: "IMAP4rev2" };
    const word = enable[this.dialect];
    if (word !== "") await this.talk.command(`ENABLE ${word}`);
    await this.select(this.dice.pick(mailboxes));
    await this.#acts.learn();
  }

  async #attempt(work: () => Promise<void>, isCalm = false): Promise<void> {
    const { stage } = this;
    try {
      await work();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      stage.trace.add(this.name, `is cut off: ${why}`);
      if (isCalm) stage.ledger.complain(this.name, `could not finish: ${why}`);
    } finally {
      this.#talk?.close();
      this.#talk = undefined;
    }
  }

  #complain(what: string): void {
    this.stage.trace.add(this.name, `complains: ${what}`);
    this.stage.ledger.complain(`${this.name} (${this.dialect})`, what);
  }
}
