import { sleep } from "../../base/clock.ts";
import type { Appending, FlagWish } from "../world/ledger.ts";
import { readContents, writeLetter } from "../world/letters.ts";
import type { ImapClient } from "./imap-client.ts";
import { expandSet, type FetchFacts } from "./imap-model.ts";
import { literalOf, type Tagged } from "./imap-talk.ts";

const keywords = ["$Forwarded", "$MDNSent", "work", "later", "a-b.c"] as const;
const systemFlags = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft"] as const;

/** What a client does in an open mailbox. Each act notes its wish before, and the answer after. */
export class ImapActs {
  readonly #client: ImapClient;
  #appendCount = 0;

  constructor(client: ImapClient) {
    this.#client = client;
  }

  async actOnce(): Promise<void> {
    const { dice } = this.#client;
    const uid = dice.pick(this.#client.model.knownUids);
    const act = dice.between(0, 19);
    if (act <= 1) await this.#append();
    else if (act === 2) await this.#client.select(dice.pick(["INBOX", "Archive", "Trash"]));
    else if (act <= 4) await this.#idle();
    else if (act === 5 || uid === undefined) await this.#command("NOOP");
    else if (act <= 10) await this.#store(uid);
    else if (act <= 12) await this.#copy(uid);
    else if (act <= 16) await this.#remove(uid);
    else await this.#read(uid);
    await this.learn();
  }

  /** Asks for what the model does not know yet. */
  async learn(): Promise<void> {
    const { model, dice } = this.#client;
    const firstUnknown = model.messages.findIndex(({ uid, flags }) => !uid || !flags);
    if (firstUnknown < 0) return;
    const isFresh = firstUnknown === 0 && dice.chance(0.5);
    const text = isFresh ? "UID FETCH 1:* (FLAGS)" : `FETCH ${firstUnknown + 1}:* (UID FLAGS)`;
    await this.#command(text);
  }

  async #idle(): Promise<void> {
    const { talk, stage, dice } = this.#client;
    await talk.idle(() => sleep(stage.clock, dice.spread(100, 1_500_000)));
  }

  async #append(): Promise<void> {
    const { dice, name, person, stage, talk } = this.#client;
    const token = `${name}-${stage.clock.now() % 1e9}-${++this.#appendCount}`;
    const mailbox = dice.pick(["INBOX", "Archive"] as const);
    const letter = writeLetter(dice, token, person.address);
    const appending: Appending = {
      token,
      account: person.address,
      mailbox,
      bytes: letter.bytes,
    };
    stage.ledger.appendings.push(appending);
    const flags = dice.chance(0.5) ? ` (\\Seen ${dice.pick(keywords)})` : "";
    const command = `APPEND ${mailbox}${flags}`;
    const tagged = await talk.withLiteral(command, letter.bytes, dice.chance(0.5));
    this.#note(`APPEND ${token} to ${mailbox}`, tagged);
    const uid = /APPENDUID \d+ (\d+)/.exec(tagged.text)?.[1];
    if (tagged.status === "OK" && uid !== undefined) appending.uid = Number(uid);
  }

  async #store(uid: number): Promise<void> {
    const { dice, dialect, model, person, stage } = this.#client;
    const flags = [
      ...dice.sample(systemFlags, dice.between(0, 2)),
      ...dice.sample(keywords, dice.between(0, 2)),
    ];
    const isConditional = dialect !== "plain" && model.highestModSeq > 0 && dice.chance(0.3);
    const unchangedSince = isConditional ? model.highestModSeq : undefined;
    const mode = dice.pick(["+", "-", ""] as const);
    // Replacing could take \Deleted off; that is a wish like any other.
    const wish: FlagWish = {
      ...{ account: person.address, mailbox: model.mailbox, uid, mode, flags },
      unchangedSince,
      startedAtMs: stage.clock.now(),
    };
    stage.ledger.flagWishes.push(wish);
    const answers = await this.#setFlags(wish);
    if (answers !== undefined) wish.answer = answers;
  }

  async #setFlags(wish: FlagWish): Promise<FlagWish["answer"]> {
    const condition =
      wish.unchangedSince === undefined ? "" : ` (UNCHANGEDSINCE ${wish.unchangedSince})`;
    const isSilent = wish.mode !== "" && this.#client.dice.chance(0.2);
    const verb = `${wish.mode}FLAGS${isSilent ? ".SILENT" : ""}`;
    const { tagged, facts } = await this.#command(
      `UID STORE ${wish.uid}${condition} ${verb} (${wish.flags.join(" ")})`,
    );
    if (isSilent && tagged.status === "OK") this.#applySilently(wish, tagged);
    if (tagged.status !== "OK" || tagged.text.includes("[MODIFIED")) return undefined;
    const told = facts.findLast(({ uid }) => uid === wish.uid);
    if (told?.modSeq === undefined || told.flags === undefined) return undefined;
    return { modSeq: told.modSeq, flags: told.flags };
  }

  /** RFC 9051 §6.4.6: who says SILENT works the new flags out alone. */
  #applySilently(wish: FlagWish, tagged: Tagged): void {
    if (tagged.text.includes("[MODIFIED")) return;
    const message = this.#client.model.messages.find(({ uid }) => uid === wish.uid);
    if (message?.flags === undefined) return;
    const flags = new Set(message.flags);
    for (const flag of wish.flags) {
      if (wish.mode === "+") flags.add(flag);
      else flags.delete(flag);
    }
    message.flags = flags;
  }

  async #copy(uid: number): Promise<void> {
    const { dice, model, person, stage, talk } = this.#client;
    const isMove = dice.chance(0.6);
    const from = model.mailbox;
    const others = ["INBOX", "Archive", "Trash"].filter((name) => name !== from);
    const to = dice.pick(others) ?? "Trash";
    let moved: string | undefined;
    this.#client.onUntagged = (line) => {
      moved = /COPYUID \d+ \S+ \S+/.exec(line)?.[0] ?? moved;
    };
    const text = `UID ${isMove ? "MOVE" : "COPY"} ${uid} ${to}`;
    const tagged = await talk.command(text);
    this.#client.onUntagged = undefined;
    this.#note(text, tagged);
    const code = /COPYUID \d+ (\S+) ([\d:,]+)/.exec(moved ?? tagged.text);
    if (tagged.status !== "OK" || code === null) return;
    stage.ledger.copyings.push({
      ...{ account: person.address, from, to, isMove },
      fromUids: expandSet(code[1] ?? ""),
      toUids: expandSet(code[2] ?? ""),
    });
  }

  async #remove(uid: number): Promise<void> {
    const { dice, model, person, stage } = this.#client;
    const key = `${person.address} ${model.mailbox} ${uid}`;
    stage.ledger.deletedWishes.add(key);
    const { tagged } = await this.#command(`UID STORE ${uid} +FLAGS (\\Deleted)`);
    if (tagged.status !== "OK" || dice.chance(0.2)) return;
    const wasThere = model.messages.some(
      (message) => message.uid === uid && message.flags?.has("\\Deleted"),
    );
    const expunge = dice.chance(0.7) ? `UID EXPUNGE ${uid}` : "EXPUNGE";
    const gone = await this.#command(expunge);
    const highest = /HIGHESTMODSEQ (\d+)/.exec(gone.tagged.text)?.[1];
    if (highest !== undefined) model.noteModSeq(Number(highest));
    const isGone = !model.messages.some((message) => message.uid === uid);
    if (gone.tagged.status === "OK" && wasThere && isGone) stage.ledger.expunged.add(key);
  }

  async #read(uid: number): Promise<void> {
    const { dice, model, person, stage, fetched } = this.#client;
    await this.#command(`UID FETCH ${uid} (${dice.pick(["BODY.PEEK[]", "BODY[]"])})`);
    const line = fetched.find((each) => new RegExp(`\\bUID ${uid}\\b`).test(each.slice(0, 200)));
    const bytes = line === undefined ? undefined : literalOf(line);
    const contents = bytes && readContents(bytes);
    if (contents === undefined || contents.kind === "other") return;
    const { uidValidity, mailbox } = model;
    const { token } = contents;
    stage.ledger.sightings.push({ account: person.address, mailbox, uidValidity, uid, token });
  }

  async #command(text: string): Promise<{ tagged: Tagged; facts: readonly FetchFacts[] }> {
    const client = this.#client;
    client.fetched.length = 0;
    client.facts.length = 0;
    const tagged = await client.talk.command(text);
    this.#note(text, tagged);
    return { tagged, facts: client.facts };
  }

  #note(text: string, { status, text: said }: Tagged): void {
    const { stage, name, model } = this.#client;
    stage.trace.add(name, `${model.mailbox}: ${text} → ${status} ${said}`);
    if (status === "BAD") stage.ledger.complain(name, `${text} is answered BAD ${said}`);
  }
}
