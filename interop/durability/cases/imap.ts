import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";

import { append, openImap } from "../../mail-talk.ts";
import type { Talk } from "../../talk.ts";
import type { DurabilityCase, House } from "../durability-case.ts";
import { readMailbox } from "../read-mailbox.ts";
import type { MailboxView } from "../read-mailbox.ts";

const roundCount = 3;
const workerCount = 6;

/**
 * What a client knows of its own mailboxes: the state after its last acknowledged command, and the
 * one that it would be in after the command under way when the server was killed.
 */
interface Known {
  /** Flags by subject, for each mailbox. */
  readonly mailboxes: Map<string, Map<string, Set<string>>>;
}

export const imapCases: readonly DurabilityCase[] = [
  {
    name: "imap: what a tagged OK has acknowledged holds after kill -9",
    async run(house) {
      const workers = Array.from({ length: workerCount }, (_, index) => new Worker(house, index));
      let commandCount = 0;
      const views = new Map<string, MailboxView>();
      const uids = new Map<string, string>();
      for (let round = 0; round < roundCount; round++) {
        const server = await house.start();
        const done = Promise.all(workers.map((worker) => worker.work(server.port("imap"), round)));
        await wait(700 + Math.random() * 700);
        await server.end("SIGKILL");
        await done;
        const again = await house.start();
        const port = again.port("imap");
        for (const worker of workers) await worker.settle(port, { views, uids });
        await again.end("SIGKILL");
      }
      for (const worker of workers) commandCount += worker.commandCount;
      assert.ok(commandCount > 50, "too little was done to tell");
      return `${commandCount} commands in ${roundCount} rounds, all hold; ${uids.size} UIDs, none reused`;
    },
  },
];

/** What was seen of all mailboxes so far. */
interface Seen {
  readonly views: Map<string, MailboxView>;
  /** Subject by mailbox, UIDVALIDITY and UID. */
  readonly uids: Map<string, string>;
}

/** A client with mailboxes of its own that does one thing after the other. */
class Worker {
  readonly #house: House;
  readonly #name: string;
  #known: Known;
  /** The state if the last command, whose answer was lost, was carried out. */
  #possible: Known | undefined;
  #serial = 0;
  commandCount = 0;

  constructor(house: House, index: number) {
    this.#house = house;
    this.#name = `w${index}`;
    this.#known = { mailboxes: new Map() };
  }

  /** Works until the server is gone. */
  async work(port: number, round: number): Promise<void> {
    try {
      const imap = await openImap(port, this.#house.ana);
      const box = await this.#create(imap, `${this.#name}-${round}`);
      const other = await this.#create(imap, `${this.#name}-${round}-other`);
      let count = 0;
      for (let name = box; ; count++) {
        const subjects = await this.#appendSome(imap, name);
        await this.#do(imap, `SELECT ${name}`, this.#known);
        await this.#store(imap, { name, first: "1", subjects });
        await this.#move(imap, { name, other, subject: this.#subjectsOf(name)[0] ?? "" });
        await this.#expunge(imap, name);
        name = await this.#rename(imap, name, `${this.#name}-${round}-r${count}`);
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      // The server is gone; `#possible` has what it may have done before.
    }
  }

  /** Holds what is there against what is known, and goes on from what is there. */
  async settle(port: number, seen: Seen): Promise<void> {
    const wanted = [this.#known, ...(this.#possible === undefined ? [] : [this.#possible])];
    const found: Known = { mailboxes: new Map() };
    for (const name of new Set(wanted.flatMap(({ mailboxes }) => [...mailboxes.keys()]))) {
      const view = await readMailbox(port, this.#house.ana, name);
      if (view === undefined) continue;
      found.mailboxes.set(name, flagsOf(view));
      noteUids(seen, name, view);
    }
    const shapes = wanted.map(shape);
    assert.ok(
      shapes.includes(shape(found)),
      `${this.#name} found\n${shape(found)}\nbut knows\n${shapes.join("\nor\n")}`,
    );
    this.#known = found;
    this.#possible = undefined;
  }

  #subjectsOf(name: string): readonly string[] {
    return [...(this.#known.mailboxes.get(name)?.keys() ?? [])];
  }

  async #create(imap: Talk, name: string): Promise<string> {
    const next = copy(this.#known);
    next.mailboxes.set(name, new Map());
    await this.#do(imap, `CREATE ${name}`, next);
    return name;
  }

  async #appendSome(imap: Talk, name: string): Promise<readonly string[]> {
    const subjects: string[] = [];
    for (let count = 0; count < 4; count++) {
      const subject = `${this.#name} number ${this.#serial++}`;
      const next = copy(this.#known);
      next.mailboxes.get(name)?.set(subject, new Set());
      this.#possible = next;
      const answer = await append(imap, name, `Subject: ${subject}\r\n\r\nHello.\r\n`);
      assert.match(answer, /^t OK/);
      this.#known = next;
      this.commandCount++;
      subjects.push(subject);
    }
    return subjects;
  }

  async #store(
    imap: Talk,
    what: { readonly name: string; readonly first: string; readonly subjects: readonly string[] },
  ): Promise<void> {
    const next = copy(this.#known);
    for (const flags of next.mailboxes.get(what.name)?.values() ?? []) flags.add("\\Flagged");
    await this.#do(imap, `STORE ${what.first}:* +FLAGS.SILENT (\\Flagged)`, next);
  }

  async #move(
    imap: Talk,
    what: { readonly name: string; readonly other: string; readonly subject: string },
  ): Promise<void> {
    const next = copy(this.#known);
    const flags = next.mailboxes.get(what.name)?.get(what.subject) ?? new Set();
    next.mailboxes.get(what.name)?.delete(what.subject);
    next.mailboxes.get(what.other)?.set(what.subject, flags);
    await this.#do(imap, `MOVE 1 ${what.other}`, next);
  }

  async #expunge(imap: Talk, name: string): Promise<void> {
    const subject = this.#subjectsOf(name)[0] ?? "";
    const marked = copy(this.#known);
    marked.mailboxes.get(name)?.get(subject)?.add("\\Deleted");
    await this.#do(imap, "STORE 1 +FLAGS.SILENT (\\Deleted)", marked);
    const next = copy(this.#known);
    next.mailboxes.get(name)?.delete(subject);
    await this.#do(imap, "EXPUNGE", next);
  }

  async #rename(imap: Talk, name: string, to: string): Promise<string> {
    const next = copy(this.#known);
    next.mailboxes.set(to, next.mailboxes.get(name) ?? new Map());
    next.mailboxes.delete(name);
    await this.#do(imap, `RENAME ${name} ${to}`, next);
    return to;
  }

  /** One command: until its OK is here the next state is only possible. */
  async #do(imap: Talk, command: string, next: Known): Promise<void> {
    this.#possible = next;
    const answer = await imap.imap(command);
    assert.match(answer, /^t OK/m, command);
    this.#known = next;
    this.commandCount++;
  }
}

function copy(known: Known): Known {
  return {
    mailboxes: new Map(
      [...known.mailboxes].map(([name, messages]) => [
        name,
        new Map([...messages].map(([subject, flags]) => [subject, new Set(flags)])),
      ]),
    ),
  };
}

function flagsOf(view: MailboxView): Map<string, Set<string>> {
  return new Map(
    [...view.messages.values()].map(({ subject, flags }) => [
      subject,
      new Set(flags.split(" ").filter((flag) => /^\\(?:Flagged|Deleted)$/.test(flag))),
    ]),
  );
}

/** Everything that is known, as text that can be compared. */
function shape(known: Known): string {
  return [...known.mailboxes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, messages]) => {
      const shown = [...messages].map(
        ([subject, flags]) => `${subject} ${[...flags].sort().join()}`,
      );
      return `${name}: ${shown.sort().join("; ")}`;
    })
    .join("\n");
}

function noteUids(seen: Seen, name: string, view: MailboxView): void {
  const before = seen.views.get(name);
  if (before !== undefined) {
    assert.equal(view.uidValidity, before.uidValidity, `UIDVALIDITY of ${name}`);
    assert.ok(view.uidNext >= before.uidNext, `UIDNEXT of ${name}`);
  }
  seen.views.set(name, view);
  for (const [uid, { subject }] of view.messages) {
    // A renamed mailbox keeps its UIDVALIDITY, so the name is no part of it.
    const key = `${view.uidValidity} ${name.replace(/-r\d+$/, "")} ${uid}`;
    const earlier = seen.uids.get(key);
    assert.ok(earlier === undefined || earlier === subject, `UID ${key} was ${earlier}`);
    seen.uids.set(key, subject);
  }
}
