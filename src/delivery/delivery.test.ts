import assert from "node:assert/strict";
import { test } from "node:test";
import type { Destination } from "../accounts/accounts.ts";
import { createDirectory } from "../accounts/directory.ts";
import { cheapCost } from "../accounts/directory-fixture.ts";
import { createPasswords } from "../accounts/password.ts";
import { createRecipients } from "../accounts/recipients.ts";
import { concat, fromLatin1, latin1 } from "../base/bytes.ts";
import { Refusal } from "../base/faults.ts";
import { journeyId, messageId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { digestMessage } from "../message/digest.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { createDelivery } from "./create-delivery.ts";
import type { AcceptedRecipient, JudgeSender, Submission } from "./delivery.ts";

const journey = journeyId("abcdefghijklmnopqrst");

async function setUp(quotas: Readonly<Record<string, number>>, judgeSender?: JudgeSender) {
  const clock = createVirtualClock();
  const random = seededRandom(3);
  const store = createMemoryStore({ clock });
  const passwords = createPasswords({ clock, random, cost: cheapCost });
  const directory = createDirectory(store, { clock, passwords, actor: "test" });
  await directory.addDomain("golub.example");
  for (const [name, quotaBytes] of Object.entries(quotas)) {
    const address = `${name}@golub.example`;
    await directory.addAccount({ address, password: "secret", quotaBytes });
  }
  const recipients = createRecipients(directory);
  const common = { store, recipients, clock, random, log: silentLog, hostName: "mx.golub.example" };
  const judge = judgeSender === undefined ? {} : { judgeSender };
  const delivery = createDelivery({ ...common, ...judge, queueLifetimeMs: 1000 });

  const recipient = async (address: string): Promise<AcceptedRecipient> => {
    const answer = await recipients.resolve(address);
    const domain = address.slice(address.indexOf("@") + 1);
    const destinations: readonly Destination[] =
      answer.kind === "destinations" ? answer.destinations : [{ kind: "remote", address, domain }];
    return { address, destinations, notify: undefined, originalRecipient: undefined };
  };
  const inbox = async (name: string) => {
    const account = await directory.getAccount(`${name}@golub.example`);
    const mailboxes = await store.mail.mailboxes(account.id);
    const row = mailboxes.find((mailbox) => mailbox.name === "INBOX");
    assert.ok(row !== undefined);
    const { messageIds, count } = await store.mail.loadMailbox(account.id, row.id);
    const ids = [...messageIds.subarray(0, count)].map(messageId);
    const rows = await store.mail.messages(account.id, ids, ["body", "structure"]);
    return Promise.all(
      rows.map(async (each) => {
        assert.ok(each !== undefined);
        const body = await store.blobs.read(each.body.hash);
        const bytes = concat([each.body.prefix, body]);
        return { ...each, bytes, text: latin1(bytes) };
      }),
    );
  };
  return { clock, store, directory, delivery, recipient, inbox };
}

function submission(
  recipients: readonly AcceptedRecipient[],
  text: string,
  more: Partial<Submission> = {},
): Submission {
  return {
    journey,
    sender: "marko@client.example",
    recipients,
    parts: [fromLatin1(text)],
    connection: {
      remoteAddress: "192.0.2.9",
      helo: "client.example",
      protocol: {
        base: "smtp",
        isExtended: true,
        isTls: false,
        isAuthenticated: false,
        isUtf8: false,
      },
      tls: "",
      startedAtMs: Date.UTC(2026, 0, 1),
    },
    login: undefined,
    envelopeId: undefined,
    returnContent: "full",
    needsSmtpUtf8: false,
    bodyKind: "7bit",
    steps: [],
    failuresBy: "notice",
    ...more,
  };
}

const multipart =
  'Subject: a\r\nContent-Type: multipart/mixed; boundary="headerStart\\":0"\r\n\r\n' +
  '--headerStart":0\r\n\r\none\r\n--headerStart":0\r\nContent-Type: message/rfc822\r\n\r\n' +
  'Subject: b\r\n\r\ntwo\r\n--headerStart":0--\r\n';

test("a copy's structure is that of the whole message, although the body was digested once", async () => {
  const { delivery, recipient, inbox } = await setUp({ ana: 0, konstantin: 0 });
  const both = [await recipient("ana@golub.example"), await recipient("konstantin@golub.example")];
  await delivery.deliver(submission(both, multipart));
  for (const name of ["ana", "konstantin"]) {
    const [message] = await inbox(name);
    assert.ok(message !== undefined);
    const { root, isTruncated } = digestMessage(message.bytes).structure;
    const kept: unknown = JSON.parse(message.structure);
    assert.ok(typeof kept === "object" && kept !== null && "root" in kept);
    assert.deepEqual(kept.root, JSON.parse(JSON.stringify(root)));
    assert.equal(isTruncated, false);
  }
});

test("an account gets one copy however many recipients lead to it", async () => {
  const { delivery, directory, recipient, inbox } = await setUp({ ana: 0 });
  await directory.putAlias("svi@golub.example", ["ana@golub.example"]);
  const recipients = [
    await recipient("svi@golub.example"),
    await recipient("ana@golub.example"),
    await recipient("ana+posao@golub.example"),
  ];
  const outcomes = await delivery.deliver(submission(recipients, "Subject: a\r\n\r\n"));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.refusal),
    [undefined, undefined, undefined],
  );
  assert.equal((await inbox("ana")).length, 1);
});

test("mail for elsewhere is queued with the sender's wishes and without Return-Path", async () => {
  const { delivery, store, recipient } = await setUp({ ana: 0 });
  const wish = { notify: ["success" as const], originalRecipient: "rfc822;x@y.example" };
  const recipients = [
    { ...(await recipient("b@elsewhere.example")), ...wish },
    await recipient("c@other.example"),
  ];
  await delivery.deliver(submission(recipients, "Subject: a\r\n\r\n", { envelopeId: "e1" }));
  const [entry] = await store.queue.list();
  assert.equal(entry?.message.sender, "marko@client.example");
  assert.equal(entry?.message.envelopeId, "e1");
  assert.match(latin1(entry?.message.prefix ?? fromLatin1("")), /^Received: from client.example/);
  assert.deepEqual(
    entry?.recipients.map((each) => [each.address, each.destination, each.notify]),
    [
      ["b@elsewhere.example", "elsewhere.example", ["success"]],
      ["c@other.example", "other.example", ["failure", "delay"]],
    ],
  );
  assert.equal(entry?.recipients[0]?.originalRecipient, "rfc822;x@y.example");
});

test("SMTPUTF8 is needed further on only where something is beyond ASCII", async () => {
  const { delivery, store, recipient } = await setUp({ ana: 0 });
  const to = [await recipient("b@elsewhere.example")];
  const isUtf8 = { needsSmtpUtf8: true };
  await delivery.deliver(submission(to, "Subject: a\r\n\r\n\xc4\x91", isUtf8));
  await delivery.deliver(submission(to, "Subject: \xc4\x91\r\n\r\n", isUtf8));
  await delivery.deliver(submission(to, "\r\n", { ...isUtf8, sender: "đ@client.example" }));
  const needs = (await store.queue.list()).map((entry) => entry.message.needsSmtpUtf8);
  assert.deepEqual(needs, [false, true, true]);
});

test("who is full fails alone: the others have it, and the sender has a notice", async () => {
  const { delivery, store, recipient, inbox } = await setUp({ ana: 0, puna: 100 });
  const recipients = [await recipient("ana@golub.example"), await recipient("puna@golub.example")];
  const outcomes = await delivery.deliver(submission(recipients, "Subject: a\r\n\r\nbody\r\n"));
  assert.equal(outcomes[0]?.refusal, undefined);
  assert.ok(outcomes[1]?.refusal instanceof Refusal && outcomes[1].refusal.reason === "overQuota");
  assert.equal((await inbox("ana")).length, 1);
  assert.equal((await inbox("puna")).length, 0);
  const [notice] = await store.queue.list();
  assert.equal(notice?.message.sender, "");
  assert.equal(notice?.recipients[0]?.address, "marko@client.example");
  const text = latin1(await store.blobs.read(notice?.hash ?? assert.fail()));
  assert.match(
    text,
    /Final-Recipient: rfc822; puna@golub.example\r\nAction: failed\r\nStatus: 5.2.2/,
  );
});

test("no notice for LMTP, NOTIFY=NEVER and the null sender", async () => {
  const { delivery, store, recipient } = await setUp({ ana: 0, puna: 100 });
  const ana = await recipient("ana@golub.example");
  const puna = await recipient("puna@golub.example");
  const text = "Subject: a\r\n\r\nbody\r\n";
  await delivery.deliver(submission([ana, puna], text, { failuresBy: "door" }));
  await delivery.deliver(submission([ana, { ...puna, notify: [] }], text));
  await delivery.deliver(submission([ana, puna], text, { sender: "" }));
  assert.equal((await store.queue.list()).length, 0);
});

test("when everybody is full nothing is written", async () => {
  const { delivery, store, recipient } = await setUp({ puna: 100 });
  const to = [await recipient("puna@golub.example")];
  const [outcome] = await delivery.deliver(submission(to, "Subject: a\r\n\r\nbody\r\n"));
  assert.ok(outcome?.refusal instanceof Refusal);
  assert.equal((await store.journeys.find(journey, 1)).length, 0);
  assert.equal((await store.queue.list()).length, 0);
});

test("RFC 3461 §5.2.4: NOTIFY=SUCCESS is answered, here into a full mailbox too", async () => {
  const { delivery, recipient, inbox } = await setUp({ ana: 0, marko: 10 });
  const to = [{ ...(await recipient("ana@golub.example")), notify: ["success" as const] }];
  await delivery.deliver(submission(to, "Subject: a\r\n\r\n", { sender: "marko@golub.example" }));
  const [notice] = await inbox("marko");
  assert.match(notice?.text ?? "", /^Return-Path: <>\r\nDelivered-To: marko@golub.example\r\n/);
  assert.match(notice?.text ?? "", /Action: delivered\r\nStatus: 2.0.0/);
});

test("a message that has been in the mailbox before is going round and is refused", async () => {
  const { delivery, recipient, inbox } = await setUp({ ana: 0, boris: 0 });
  const text = "Delivered-To: Ana@golub.example\r\nSubject: a\r\n\r\n";
  const ana = await recipient("ana@golub.example");
  const [alone] = await delivery.deliver(submission([ana], text));
  assert.ok(alone?.refusal instanceof Refusal && alone.refusal.reason === "tooManyHops");
  const both = [ana, await recipient("boris@golub.example")];
  const outcomes = await delivery.deliver(submission(both, text));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.refusal === undefined),
    [false, true],
  );
  assert.equal((await inbox("ana")).length, 0);
  assert.equal((await inbox("boris")).length, 1);
});

test("a forwarding loop is noticed the first time that the message comes back", async () => {
  const { delivery, directory, store, recipient } = await setUp({ ana: 0 });
  await directory.putAlias("van@golub.example", ["b@elsewhere.example"]);
  await directory.putAlias("vani@golub.example", ["c@elsewhere.example"]);
  const to = [
    await recipient("Van@golub.example"),
    await recipient("vani@golub.example"),
    await recipient("d@elsewhere.example"),
  ];
  await delivery.deliver(submission(to, "Subject: a\r\n\r\n"));
  const entries = await store.queue.list();
  const prefixes = entries.map((entry) => latin1(entry.message.prefix).split(/[\r:]/)[0]);
  assert.deepEqual(prefixes, ["Delivered-To", "Delivered-To", "Received"]);
  const first = latin1(entries[0]?.message.prefix ?? fromLatin1(""));
  assert.match(first, /^Delivered-To: van@golub.example\r\nReceived: /);
  const [back, other] = await delivery.deliver(
    submission(to.slice(0, 2), `${first}Subject: a\r\n\r\n`, { failuresBy: "door" }),
  );
  assert.ok(back?.refusal instanceof Refusal && back.refusal.reason === "tooManyHops");
  assert.equal(other?.refusal, undefined);
  assert.equal((await store.queue.list()).length, 4);
});

test("RFC 5321 §6.3: more than a hundred Received fields are a loop", async () => {
  const { delivery, recipient } = await setUp({ ana: 0 });
  const to = [await recipient("ana@golub.example")];
  await delivery.deliver(submission(to, `${"Received: x\r\n".repeat(100)}\r\n`));
  await assert.rejects(
    delivery.deliver(submission(to, `${"Received: x\r\n".repeat(101)}\r\n`)),
    (error) => error instanceof Refusal && error.reason === "tooManyHops",
  );
});

test("RFC 6409 §8: our user's message gets Date and Message-ID and loses Bcc", async () => {
  const { delivery, directory, recipient, inbox } = await setUp({ ana: 0 });
  const { id: account, address } = await directory.getAccount("ana@golub.example");
  const login = { account, address, device: "" };
  const to = [await recipient("ana@golub.example")];
  const text =
    "Subject: a\r\nBcc: b@c.example,\r\n d@e.example\r\nTo: x@y.example\r\n\r\nBcc: body\r\n";
  await delivery.deliver(submission(to, text, { login }));
  await delivery.deliver(submission(to, text));
  const complete = "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@b>\r\n\r\n";
  await delivery.deliver(submission(to, complete, { login }));
  await delivery.deliver(submission(to, "no header at all\r\n", { login }));
  const [first, second, third, fourth] = await inbox("ana");
  assert.match(
    first?.text ?? "",
    /\r\nDate: [^\n]+\r\nMessage-ID: <[^\n]+@mx.golub.example>\r\nSubject: a\r\nTo: x@y.example\r\n\r\nBcc: body\r\n$/,
  );
  assert.ok(second?.text.endsWith(text));
  assert.ok(third?.text.endsWith(`+0000\r\n${complete}`));
  assert.match(fourth?.text ?? "", /Message-ID: [^\n]+\r\n\r\nno header at all\r\n$/);
});

test("one journey tells of all recipients and can be found by each", async () => {
  const { delivery, directory, store, recipient } = await setUp({ ana: 0 });
  await directory.putAlias("svi@golub.example", ["ana@golub.example", "b@elsewhere.example"]);
  const to = [await recipient("svi@golub.example")];
  const steps = [{ atMs: 1, kind: "smtp.connected", facts: {} }];
  await delivery.deliver(submission(to, "Message-ID: <9@b>\r\n\r\n", { steps }));
  for (const handle of ["<9@b>", "svi@golub.example", "ana@golub.example", "b@elsewhere.example"]) {
    const [row] = await store.journeys.find(handle, 1);
    assert.deepEqual(
      row?.steps.map((step) => step.kind),
      ["smtp.connected", "delivery.stored", "delivery.queued"],
      handle,
    );
  }
});

test("a notice for nobody is dropped, one for somebody here or elsewhere is kept", async () => {
  const { delivery } = await setUp({ ana: 0 });
  const parts = [fromLatin1("Subject: a\r\n\r\n")];
  const kindsFor = async (recipient: string) => {
    const changes = await delivery.noticeChanges({
      journey,
      recipient,
      parts,
      needsSmtpUtf8: false,
    });
    return changes.map((change) => change.kind);
  };
  assert.deepEqual(await kindsFor("nobody@golub.example"), []);
  assert.deepEqual(await kindsFor("ana@golub.example"), ["mail.messageAdd", "journey.append"]);
  assert.deepEqual(await kindsFor("b@elsewhere.example"), ["queue.add", "journey.append"]);
});

// RFC 8601 §4.1, §5.
test("what was found about a sender goes in front, what claims to be found goes out", async () => {
  const text =
    "Authentication-Results: mx.golub.example; spf=pass\r\nSubject: a\r\n\r\nAuthentication-Results: no\r\n";
  const asked: string[] = [];
  const judge: JudgeSender = async ({ sender }, bytes) => {
    asked.push(sender);
    const forged = [{ start: 0, end: latin1(bytes).indexOf("Subject") }];
    const step = { atMs: 1, kind: "trust.judged", facts: { spf: "fail" } };
    return { fields: "Authentication-Results: mx.golub.example;\r\n\tspf=fail\r\n", forged, step };
  };
  const { delivery, recipient, inbox, store } = await setUp({ ana: 0 }, judge);
  await delivery.deliver(submission([await recipient("ana@golub.example")], text));
  const [message] = await inbox("ana");
  assert.match(
    message?.text ?? "",
    /^Return-Path: .*\r\nDelivered-To: .*\r\nAuthentication-Results: .*\r\n\tspf=fail\r\nReceived: /,
  );
  assert.doesNotMatch(message?.text ?? "", /spf=pass/);
  assert.match(message?.text ?? "", /\r\nSubject: a\r\n\r\nAuthentication-Results: no\r\n$/);
  const [row] = await store.journeys.find(journey, 1);
  assert.ok(
    row?.steps.some(({ kind, facts }) => kind === "trust.judged" && facts["spf"] === "fail"),
  );
  const login = { account: 1, address: "ana@golub.example", device: "" } as never;
  await delivery.deliver(
    submission([await recipient("ana@golub.example")], text, {
      login,
      sender: "ana@golub.example",
    }),
  );
  assert.deepEqual(asked, ["marko@client.example"]);
});

test("RFC 8689 §5: a notice about mail that needs TLS waits in the queue with the same need", async () => {
  const { delivery, store } = await setUp({});
  for (const isTlsRequired of [true, undefined] as const) {
    const notice = {
      journey,
      recipient: "anna@elsewhere.example",
      parts: [fromLatin1("Subject: no\r\n\r\n")],
      needsSmtpUtf8: false,
      ...(isTlsRequired === true ? { isTlsRequired } : {}),
    };
    const changes = await delivery.noticeChanges(notice);
    await store.apply({ actor: "test", atMs: 0, changes });
    const entries = await store.queue.list();
    assert.equal(entries.at(-1)?.message.isTlsRequired, isTlsRequired);
  }
});
