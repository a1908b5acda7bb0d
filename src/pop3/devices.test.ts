import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import { modSeq, uid } from "../base/ids.ts";
import { readFetchPreferences, writeFetchPreferences } from "../mailbox/fetch-preferences.ts";
import { flagBits } from "../store/mail-changes.ts";
import { createPop3Fixture, type Pop3Client } from "./dialogue-fixture.ts";

const phone = "ana@example.org+phone";
const laptop = "ana@example.org+laptop";
const text = (subject: string) => `Subject: ${subject}\r\n\r\nText of ${subject}.\r\n`;

/** Fetches all that is offered, as clients do, and gives the subjects. */
async function fetchAll(client: Pop3Client, verb = "RETR", end = ""): Promise<string[]> {
  const subjects: string[] = [];
  const count = Number((await client.say("STAT")).split(" ")[1]);
  for (let number = 1; number <= count; number++) {
    assert.match(await client.say(`${verb} ${number}${end}`), /^\+OK/);
    subjects.push((await client.rest())[0]?.replace("Subject: ", "") ?? "");
  }
  return subjects;
}

async function quit(client: Pop3Client): Promise<void> {
  assert.match(await client.say("QUIT"), /^\+OK/);
}

test("each device is offered what it has not fetched, and nothing twice", async () => {
  await using pop = await createPop3Fixture();
  const sync = async (name: string) => {
    const client = await pop.logIn(name);
    const subjects = await fetchAll(client);
    await quit(client);
    return subjects;
  };
  await pop.put(text("a"), text("b"));
  assert.deepEqual(await sync(phone), ["a", "b"]);
  assert.deepEqual(await sync(phone), []);
  await pop.put(text("c"));
  assert.deepEqual(await sync(laptop), ["a", "b", "c"]);
  assert.deepEqual(await sync(phone), ["c"]);
  assert.deepEqual(await sync("ana@example.org+Phone"), [], "letter case makes no other device");
  assert.deepEqual(await sync("ana@example.org"), ["a", "b", "c"], "without a device, everything");
  assert.deepEqual(await sync("ana@example.org"), ["a", "b", "c"]);
});

test("what a device has is in none of its lists, and the names of the rest stay", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("a"), text("b"));
  const plain = await pop.logIn();
  await plain.say("UIDL");
  const [, second = ""] = await plain.rest();
  const first = await pop.logIn(phone);
  await first.say("RETR 1");
  await first.rest();
  await quit(first);
  const client = await pop.logIn(phone);
  assert.equal(await client.say("STAT"), `+OK 1 ${text("b").length}`);
  await client.say("LIST");
  assert.deepEqual(await client.rest(), [`1 ${text("b").length}`]);
  await client.say("UIDL");
  assert.deepEqual(await client.rest(), [second.replace(/^2/, "1")]);
  assert.match(await client.say("RETR 2"), /^-ERR/);
});

test("a session that breaks off has fetched what its next command acknowledged", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("a"), text("b"), text("c"));
  const client = await pop.logIn(phone);
  for (const number of [1, 2]) {
    await client.say(`RETR ${number}`);
    await client.rest();
  }
  client.connection.destroy();
  await pop.fixture.clock.settle();
  assert.deepEqual(await fetchAll(await pop.logIn(phone)), ["b", "c"]);
});

test("a client that sends commands ahead acknowledges with QUIT only", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("a"), text("b"));
  const client = await pop.logIn(phone);
  client.send("RETR 1\r\nRETR 2\r\nNOOP\r\n");
  for (const _ of [1, 2]) assert.ok((await client.rest()).length > 2);
  assert.match((await client.line()) ?? "", /^\+OK/);
  client.connection.destroy();
  await pop.fixture.clock.settle();
  const again = await pop.logIn(phone);
  again.send("RETR 1\r\nRETR 2\r\nQUIT\r\n");
  for (const _ of [1, 2]) assert.ok((await again.rest()).length > 2);
  assert.match((await again.line()) ?? "", /^\+OK/);
  assert.match(await (await pop.logIn(phone)).say("STAT"), /^\+OK 0 0/);
});

test("a long session writes down as it goes what the client has", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(...Array.from({ length: 110 }, (_, at) => text(String(at))));
  const client = await pop.logIn(phone);
  await fetchAll(client);
  const view = await pop.fixture.mail.openView(pop.fixture.inbox);
  const fetched = view.allRows().filter((row) => view.flagsOfRow(row).keywords.length > 0);
  assert.equal(fetched.length, 100);
  view.close();
  pop.fixture.store.crash();
  assert.match(await client.say("QUIT"), /^-ERR \[SYS\/TEMP\]/);
});

test("a store that cannot write down what was fetched disturbs no answer", async (t) => {
  await using pop = await createPop3Fixture();
  await pop.put(...Array.from({ length: 104 }, (_, at) => text(String(at))));
  const client = await pop.logIn(phone);
  const { mock } = t.mock.method(pop.fixture.store, "apply", () => {
    throw new Refusal("diskFull", "No room.");
  });
  assert.equal((await fetchAll(client)).length, 104);
  assert.equal(mock.callCount(), 1);
  mock.restore();
  await quit(client);
  assert.match(await (await pop.logIn(phone)).say("STAT"), /^\+OK 0 0/);
});

test("two devices fetch at the same time; one device has one session", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("a"));
  const one = await pop.logIn(phone);
  const two = await pop.logIn(laptop);
  const three = await pop.connect();
  await three.say(`USER ${phone}`);
  assert.match(await pop.fixture.clock.run(three.say("PASS secret word")), /^-ERR \[IN-USE\]/);
  assert.deepEqual(await fetchAll(one), ["a"]);
  assert.deepEqual(await fetchAll(two), ["a"]);
  await one.say("DELE 1");
  await two.say("DELE 1");
  await quit(one);
  await quit(two);
  assert.equal((await pop.fixture.mail.getMailbox("INBOX")).totalCount, 0);
});

test("a look with TOP is no fetch, but a whole message by TOP is one (fetchmail)", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("a"));
  const look = await pop.logIn(phone);
  await fetchAll(look, "TOP", " 50");
  await quit(look);
  const whole = await pop.logIn(phone);
  assert.deepEqual(await fetchAll(whole, "TOP", " 99999999"), ["a"]);
  await quit(whole);
  assert.match(await (await pop.logIn(phone)).say("STAT"), /^\+OK 0 0/);
});

test("whoever takes the keyword off a message has the device fetch it again", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("a"));
  const client = await pop.logIn(phone);
  await fetchAll(client);
  await quit(client);
  const { mail, inbox } = pop.fixture;
  const all = [[uid(1), uid(1)]] as const;
  await mail.setFlags(inbox, all, "remove", { system: 0, keywords: ["fetched-by-phone"] });
  assert.deepEqual(await fetchAll(await pop.logIn(phone)), ["a"]);
});

test("recent: offers the mail of the last 30 days, with and without a device", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("old"));
  await pop.fixture.clock.advance(31 * 86_400_000);
  await pop.put(text("new"));
  assert.deepEqual(await fetchAll(await pop.logIn("recent:ana@example.org")), ["new"]);
  const client = await pop.logIn(`recent:${phone}`);
  assert.deepEqual(await fetchAll(client), ["new"]);
  await quit(client);
  const again = await pop.logIn(`recent:${phone}`);
  assert.match(await again.say("STAT"), /^\+OK 0 0/);
  await quit(again);
  assert.deepEqual(await fetchAll(await pop.logIn(phone)), ["old"]);
});

test("+folder= fetches another mailbox, in whatever login; an unknown one is refused", async () => {
  await using pop = await createPop3Fixture();
  const { mail } = pop.fixture;
  const { id } = await mail.createMailbox("Lists/Čaj");
  await mail.append(id, [
    { parts: [Buffer.from(text("tea"))], flags: { system: 0, keywords: [] } },
  ]);
  const client = await pop.connect();
  const name = Buffer.from("\0ana@example.org+phone+folder=Lists/Čaj\0secret word").toString(
    "base64",
  );
  assert.match(await client.say(`AUTH PLAIN ${name}`), /^\+OK 1 messages/);
  assert.deepEqual(await fetchAll(client), ["tea"]);
  await quit(client);
  assert.match(await (await pop.logIn(phone)).say("STAT"), /^\+OK 0 0/);
  const other = await pop.connect();
  await other.say("USER ana@example.org+folder=Nowhere");
  assert.match(await other.say("PASS secret word"), /^-ERR \[SYS\/PERM\] No such mailbox/);
  assert.match(await other.say("STAT"), /^-ERR/);
});

test("what is fetched can count as read", async () => {
  await using pop = await createPop3Fixture({ marksSeen: true });
  await pop.put(text("a"), text("b"));
  const client = await pop.logIn();
  await client.say("RETR 1");
  await client.rest();
  await client.say("NOOP");
  client.connection.destroy();
  await pop.fixture.clock.settle();
  const { mail, inbox } = pop.fixture;
  const view = await mail.openView(inbox);
  assert.deepEqual(
    [...view.allRows()].map((row) => view.flagsOfRow(row)),
    [
      { system: flagBits.seen, keywords: [] },
      { system: 0, keywords: [] },
    ],
  );
  view.close();
});

for (const [removal, name] of [
  ["trash", "Trash"],
  ["archive", "Archive"],
] as const) {
  test(`DELE can move messages to the ${removal}, which it leaves for good`, async () => {
    await using pop = await createPop3Fixture({ removal });
    await pop.put(text("a"), text("b"));
    const { mail } = pop.fixture;
    const client = await pop.logIn(phone);
    await client.say("DELE 2");
    assert.equal(await client.say("QUIT"), "+OK Goodbye; 1 messages removed, 1 left.");
    const row = await mail.getMailbox(name);
    assert.equal(row.role, removal);
    assert.equal(row.totalCount, 1);
    assert.equal((await mail.getMailbox("INBOX")).totalCount, 1);
    const there = await pop.logIn(`ana@example.org+folder=${name}`);
    assert.deepEqual(await fetchAll(there), ["b"]);
    await there.say("DELE 1");
    await quit(there);
    assert.equal((await mail.getMailbox(name)).totalCount, 0);
  });
}

test("an account may want it otherwise than the server does", async () => {
  await using pop = await createPop3Fixture({ removal: "archive", marksSeen: true });
  await pop.put(text("a"), text("b"));
  const { mail } = pop.fixture;
  const visit = async () => {
    const client = await pop.logIn();
    await client.say("RETR 1");
    await client.rest();
    await client.say("DELE 1");
    await quit(client);
  };
  await writeFetchPreferences(mail, { removal: "trash", marksSeen: false });
  await visit();
  const trash = await mail.getMailbox("Trash");
  assert.equal(trash.totalCount, 1);
  assert.equal(trash.unseenCount, 1);
  await writeFetchPreferences(mail, { removal: undefined, marksSeen: undefined });
  await visit();
  const archive = await mail.getMailbox("Archive");
  assert.equal(archive.totalCount, 1);
  assert.equal(archive.unseenCount, 0);
  await mail.annotate("", [{ name: "/private/vendor/golub/pop3/on-delete", value: "burn" }]);
  const unknown = { removal: undefined, marksSeen: undefined };
  assert.deepEqual(await readFetchPreferences(mail), unknown, "what we do not know is as none");
});

test("what DELE removes for good can be brought back for the retention time", async () => {
  await using pop = await createPop3Fixture();
  await pop.put(text("a"));
  const { store, account, inbox, mail } = pop.fixture;
  const client = await pop.logIn(phone);
  await client.say("DELE 1");
  await quit(client);
  const before = modSeq((await mail.state()).modSeq - 1);
  const entry = (await store.mail.changes(account, before)).at(-1);
  assert.equal(entry?.actor, "pop3:ana@example.org+phone");
  assert.ok(entry.act.kind === "expunged");
  const copies = entry.act.copies.map(({ message, flags, internalDateMs }) => {
    return { message, flags, internalDateMs };
  });
  const changes = [{ kind: "mail.messageRestore", account, mailbox: inbox, copies }] as const;
  await store.apply({ actor: "test", atMs: 0, changes });
  assert.deepEqual(await fetchAll(await pop.logIn()), ["a"]);
});
