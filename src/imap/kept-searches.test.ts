import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../base/bytes.ts";
import { type Random, seededRandom } from "../base/random.ts";
import { createImapFixture, type DialogueClient, logIn } from "./imap-fixture.ts";

/** The numbers of a sequence set, in its order. */
function numbersOf(set: string): number[] {
  return set.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split(":").map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

/** A result that a client keeps by what it is told, as RFC 5267 §4.3 says. */
class KeptResult {
  readonly tag: string;
  uids: number[] = [];

  constructor(tag: string) {
    this.tag = tag;
  }

  take(line: string): void {
    const match = /^\* ESEARCH \(TAG "([^"]+)"\) UID (ADDTO|REMOVEFROM) \((.*)\)$/.exec(line);
    if (match?.[1] !== this.tag) return;
    const words = (match[3] ?? "").split(" ");
    for (let at = 0; at < words.length; at += 2) {
      const place = Number(words[at]);
      const numbers = numbersOf(words[at + 1] ?? "");
      if (match[2] === "ADDTO") this.#add(place, numbers);
      else this.#remove(place, numbers);
    }
  }

  #add(place: number, numbers: readonly number[]): void {
    for (const number of numbers) assert.ok(!this.uids.includes(number), `${number} came twice`);
    if (place === 0) this.uids = [...this.uids, ...numbers].sort((a, b) => a - b);
    else {
      assert.ok(place - 1 <= this.uids.length, "a place in the result or right behind it");
      this.uids.splice(place - 1, 0, ...numbers);
    }
  }

  #remove(place: number, numbers: readonly number[]): void {
    for (const number of numbers) assert.ok(this.uids.includes(number), `${number} was not there`);
    if (place !== 0)
      assert.deepEqual(this.uids.slice(place - 1, place - 1 + numbers.length), numbers);
    this.uids = this.uids.filter((known) => !numbers.includes(known));
  }
}

async function ask(client: DialogueClient, tag: string, command: string): Promise<string[]> {
  client.say(`${tag} ${command}`);
  return client.until(tag);
}

const subjects = ["alpha", "Beta", "čaj", "Ćup", "zima"];

/** One thing that another session does. */
async function actAtRandom(random: Random, other: DialogueClient, count: number): Promise<number> {
  const pick = (max: number) => Math.floor(random.fraction() * max);
  const number = 1 + pick(Math.max(1, count));
  const kind = pick(6);
  if (kind < 2) {
    const text = fromUtf8(`Subject: ${subjects[pick(subjects.length)]}\r\n\r\nx`);
    other.say(`a APPEND INBOX {${text.length}+}`);
    void other.connection.write(text);
    other.send("\r\n");
    await other.until("a");
    return count + 1;
  }
  const flag = ["\\Seen", "\\Flagged"][pick(2)] ?? "\\Seen";
  if (kind < 5)
    await ask(
      other,
      "b",
      `UID STORE ${number}:${number + 2} ${pick(2) ? "+" : "-"}FLAGS (${flag})`,
    );
  else {
    await ask(other, "c", `UID STORE ${number} +FLAGS.SILENT (\\Deleted)`);
    await ask(other, "d", "EXPUNGE");
  }
  return count;
}

for (let seed = 1; seed <= 6; seed++) {
  test(`what is told of kept searches makes their results (RFC 5267 §4.3, seed ${seed})`, async () => {
    await using imap = await createImapFixture();
    const random = seededRandom(seed);
    const client = await imap.connect();
    const other = await imap.connect();
    for (const each of [client, other]) {
      await logIn(each);
      await ask(each, "s", "SELECT INBOX");
    }
    let count = 0;
    for (let step = 0; step < 5; step++) count = await actAtRandom(random, other, count);
    await ask(client, "n", "NOOP");
    const searches = [
      ["u1", "UNSEEN"],
      ["u2", "OR FLAGGED SUBJECT caj"],
    ] as const;
    const sorts = [
      ["u3", "(REVERSE SUBJECT) UTF-8 UNSEEN"],
      ["u4", "(SUBJECT ARRIVAL) UTF-8 NOT FLAGGED"],
    ] as const;
    const kept = new Map<string, KeptResult>();
    const commands = [
      ...searches.map(([tag, keys]) => [tag, `UID SEARCH RETURN (ALL%) ${keys}`] as const),
      ...sorts.map(([tag, rest]) => [tag, `UID SORT RETURN (ALL%) ${rest}`] as const),
    ];
    const result = (line = "") => numbersOf(/ ALL ([\d:,]+)/.exec(line)?.[1] ?? "").filter(Boolean);
    for (const [tag, command] of commands) {
      const found = new KeptResult(tag);
      found.uids = result((await ask(client, tag, command.replace("%", " UPDATE")))[0]);
      kept.set(tag, found);
    }
    for (let step = 0; step < 40; step++) {
      count = await actAtRandom(random, other, count);
      if (step % 3 === 0) count = await actAtRandom(random, other, count);
      const own = step % 5 === 0 ? `UID STORE ${1 + (step % 7)} +FLAGS (\\Seen)` : "NOOP";
      for (const line of await ask(client, "n", own))
        for (const each of kept.values()) each.take(line);
      for (const [tag, command] of commands) {
        const said = await ask(client, "r", command.replace("%", ""));
        for (const line of said) for (const each of kept.values()) each.take(line);
        assert.deepEqual(kept.get(tag)?.uids, result(said[0]), `${command} after step ${step}`);
      }
    }
    assert.ok(count > 10);
  });
}
