import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, seededRandom } from "../base/random.ts";
import { createImapFixture, type DialogueClient, logIn } from "./imap-fixture.ts";

/** What a client knows of its mailbox from untagged answers alone: a UID and flags by place. */
class Knowledge {
  readonly client: DialogueClient;
  readonly hasQresync: boolean;
  readonly messages: { uid: number | undefined; flags: string | undefined }[] = [];
  #tag = 0;

  constructor(client: DialogueClient, hasQresync: boolean) {
    this.client = client;
    this.hasQresync = hasQresync;
  }

  /** Says a command and takes in all that is told with it; returns the completion line. */
  async ask(command: string): Promise<string> {
    const tag = `t${this.#tag++}`;
    this.client.say(`${tag} ${command}`);
    // What .SILENT does is not told; the client would have to work it out itself.
    if (command.includes(".SILENT")) for (const message of this.messages) message.flags = undefined;
    const isByNumber = /^(FETCH|STORE|SEARCH) /.test(command);
    for (const line of await this.client.until(tag)) {
      if (line.startsWith(tag)) return line.slice(tag.length + 1);
      assert.ok(!isByNumber || !/EXPUNGE|VANISHED/.test(line), `${line} during ${command}`);
      this.#take(line);
    }
    return "";
  }

  #take(line: string): void {
    const exists = /^\* (\d+) EXISTS/.exec(line);
    const expunge = /^\* (\d+) EXPUNGE/.exec(line);
    const vanished = /^\* VANISHED ([\d:,]+)/.exec(line);
    const fetch = /^\* (\d+) FETCH \((.*)$/.exec(line);
    if (exists !== null) {
      assert.ok(Number(exists[1]) >= this.messages.length, "EXISTS never takes away");
      while (this.messages.length < Number(exists[1])) {
        this.messages.push({ uid: undefined, flags: undefined });
      }
    } else if (expunge !== null) {
      assert.ok(!this.hasQresync, "VANISHED instead of EXPUNGE");
      assert.equal(this.messages.splice(Number(expunge[1]) - 1, 1).length, 1, line);
    } else if (vanished !== null) this.#vanish(vanished[1] ?? "");
    else if (fetch !== null) this.#learn(Number(fetch[1]), fetch[2] ?? "");
  }

  /** Each UID is one message less, known or not; unknown are only the newest (RFC 7162 §3.2.10). */
  #vanish(set: string): void {
    for (const range of set.split(",")) {
      const [first = 0, last = first] = range.split(":").map(Number);
      for (let uid = first; uid <= last; uid++) {
        const known = this.messages.findIndex((message) => message.uid === uid);
        const place =
          known >= 0 ? known : this.messages.findIndex((each) => each.uid === undefined);
        assert.ok(place >= 0, `VANISHED ${uid} was never there`);
        this.messages.splice(place, 1);
      }
    }
  }

  #learn(seq: number, items: string): void {
    const message = this.messages[seq - 1];
    assert.ok(message !== undefined, `FETCH of ${seq} of ${this.messages.length}`);
    const uid = /UID (\d+)/.exec(items)?.[1];
    if (uid !== undefined) {
      assert.ok(message.uid === undefined || message.uid === Number(uid), "a UID never changes");
      message.uid = Number(uid);
    }
    const flags = /FLAGS \(([^)]*)\)/.exec(items)?.[1];
    if (flags !== undefined) message.flags = flags;
  }
}

const flagNames = ["\\Seen", "\\Deleted", "\\Flagged", "$Work"];

function nextCommand(random: Random, count: number): string {
  const pick = (max: number) => Math.floor(random.fraction() * max);
  const seq = 1 + pick(Math.max(1, count));
  const flag = flagNames[pick(flagNames.length)] ?? "\\Seen";
  const sign = ["+", "-", ""][pick(3)] ?? "";
  const silent = pick(2) === 0 ? ".SILENT" : "";
  const commands = [
    "NOOP",
    "NOOP",
    `STORE ${seq}:${seq + pick(3)} ${sign}FLAGS${silent} (${flag})`,
    `UID STORE ${seq}:* ${sign}FLAGS${silent} (${flag})`,
    `FETCH ${seq} (UID FLAGS)`,
    `UID FETCH ${seq} BODY[]<0.1>`,
    "EXPUNGE",
    `UID EXPUNGE ${seq}:${seq + 4}`,
    "APPEND INBOX {2+}\r\nhi",
    "APPEND INBOX (\\Deleted) {2+}\r\nhi",
    `COPY ${seq} INBOX`,
    `MOVE ${seq} Other`,
    `SEARCH ${flag === "$Work" ? "KEYWORD $Work" : "SEEN"}`,
  ];
  return commands[pick(commands.length)] ?? "NOOP";
}

for (let seed = 1; seed <= 8; seed++) {
  test(`sessions that only listen know what the mailbox holds (seed ${seed})`, async () => {
    await using imap = await createImapFixture();
    await imap.world.mail.createMailbox("Other");
    const random = seededRandom(seed);
    const sessions: Knowledge[] = [];
    for (const hasQresync of [false, true, false]) {
      const client = await imap.connect();
      await logIn(client);
      const session = new Knowledge(client, hasQresync);
      if (hasQresync) await session.ask("ENABLE QRESYNC");
      await session.ask("SELECT INBOX");
      sessions.push(session);
    }
    const watchers: Knowledge[] = [];
    for (const selector of ["SELECTED", "SELECTED-DELAYED"]) {
      const client = await imap.connect();
      await logIn(client);
      const watcher = new Knowledge(client, false);
      await watcher.ask("SELECT INBOX");
      // RFC 5465 §6.1: they are told everything, and never ask.
      const events = "(MessageNew (UID FLAGS) MessageExpunge FlagChange)";
      await watcher.ask(`NOTIFY SET (${selector} ${events})`);
      watchers.push(watcher);
    }
    for (let step = 0; step < 60; step++) {
      const session = sessions[Math.floor(random.fraction() * sessions.length)];
      if (session === undefined) continue;
      // VANISHED can only be understood by who knows all UIDs, but those of the newest.
      if (session.hasQresync) await session.ask("UID FETCH 1:* UID");
      await session.ask(nextCommand(random, session.messages.length));
    }
    for (const session of sessions) {
      if (session.hasQresync) await session.ask("UID FETCH 1:* UID");
      await session.ask("NOOP");
      const known = session.messages.map((message) => ({ ...message }));
      await session.ask("UID FETCH 1:* (UID FLAGS)");
      for (const [place, message] of known.entries()) {
        const truth = session.messages[place];
        if (message.uid !== undefined) assert.equal(message.uid, truth?.uid);
        if (message.flags !== undefined) assert.equal(message.flags, truth?.flags);
      }
      assert.equal(known.length, (await imap.world.mail.getMailbox("INBOX")).totalCount);
    }
    const lists = sessions.map(({ messages }) => messages);
    assert.deepEqual(lists[0], lists[1]);
    assert.deepEqual(lists[0], lists[2]);
    for (const watcher of watchers) {
      await watcher.ask("NOOP");
      assert.deepEqual(watcher.messages, lists[0]);
    }
  });
}
