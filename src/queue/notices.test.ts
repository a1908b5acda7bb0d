import assert from "node:assert/strict";
import { test } from "node:test";
import type { NewQueueRecipient, QueueMessage } from "../store/queue.ts";
import { createQueueWorld, hour, type Answer } from "./queue-fixture.ts";

async function noticesOf(
  answer: Answer,
  recipients: readonly Partial<NewQueueRecipient>[],
  message: Partial<QueueMessage> & { readonly content?: string } = {},
  forMs = 0,
) {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  world.behave = () => answer;
  queue.start();
  await world.add(store, recipients, message);
  await world.clock.advance(forMs);
  const [journey] = await store.journeys.find("journey-of-the-tests", 1);
  const steps = journey?.steps.map(({ kind }) => kind) ?? [];
  return {
    texts: world.notices.map((notice) => world.textOf(notice)),
    notices: world.notices,
    steps,
  };
}

test("a failure notice has the text, the fields of RFC 3464 and the message", async () => {
  const { texts, notices } = await noticesOf(
    "hard",
    [{ originalRecipient: "rfc822;anna+2Bx@old.test" }],
    { envelopeId: "QQ1" },
  );
  assert.equal(notices.length, 1);
  assert.equal(notices[0]?.needsSmtpUtf8, false);
  const [text = ""] = texts;
  for (const expected of [
    /^From: .*MAILER-DAEMON@mail\.golub\.test/m,
    /^To: .*me@golub\.test/m,
    /^Auto-Submitted: auto-replied/m,
    /report-type=delivery-status/,
    /<ana@remote\.test>\r\n {4}mx\.remote\.test \(192\.0\.2\.1\): 550 5\.1\.1 No such user/,
    /^Original-Envelope-Id: QQ1\r\n/m,
    /^Reporting-MTA: dns; mail\.golub\.test\r\n/m,
    /^Original-Recipient: rfc822; anna\+x@old\.test\r\n/m,
    /^Final-Recipient: rfc822; ana@remote\.test\r\n/m,
    /^Action: failed\r\nStatus: 5\.1\.1\r\n/m,
    /^Remote-MTA: dns; mx\.remote\.test\r\n/m,
    /^Diagnostic-Code: smtp; 550 5\.1\.1 No such user\r\n/m,
    /message\/rfc822\r\n\r\nReceived: by us\r\nSubject: news\r\n\r\nBody of the message\./,
  ]) {
    assert.match(text, expected);
  }
});

test("RET=HDRS and messages that are too long return the header only (RFC 3461 §4.3)", async () => {
  const long = `Subject: news\r\n\r\n${"x".repeat(70)}\r\n`.repeat(10_000);
  for (const message of [{ returnContent: "headers" as const }, { content: long }]) {
    const [text = ""] = (await noticesOf("hard", [{}], message)).texts;
    assert.match(text, /text\/rfc822-headers\r\n\r\nReceived: by us\r\nSubject: news\r\n/);
    assert.doesNotMatch(text, /Body of|xxxx/);
  }
});

test("NOTIFY decides who is told what (RFC 3461 §4.1)", async () => {
  const all = ["success", "failure", "delay"] as const;
  const cases: readonly [Answer, NewQueueRecipient["notify"], RegExp | undefined][] = [
    ["hard", all, /Action: failed/],
    ["hard", ["success", "delay"], undefined],
    ["hard", [], undefined],
    ["soft", all, /Action: delayed/],
    ["soft", ["failure", "success"], undefined],
    ["relayed", all, /Action: relayed\r\nStatus: 2\.0\.0/],
    ["relayed", ["failure", "delay"], undefined],
    ["ok", all, undefined], // RFC 3461 §5.2.2: the next hop will say it
  ];
  for (const [answer, notify, expected] of cases) {
    const { texts } = await noticesOf(answer, [{ notify }], {}, 5 * hour);
    assert.equal(texts.length, expected === undefined ? 0 : 1, `${answer} ${notify.join()}`);
    if (expected !== undefined) assert.match(texts[0] ?? "", expected);
  }
});

test("the failure of a notice is told to nobody (RFC 5321 §4.5.5)", async () => {
  const { notices, steps } = await noticesOf("hard", [{}], { sender: "" });
  assert.deepEqual(notices, []);
  assert.deepEqual(steps, ["queue.failed", "queue.noticeDropped"]);
});

test("one notice tells of all recipients who failed together", async () => {
  const { texts } = await noticesOf("hard", [{ address: "a@one.test" }, { address: "b@one.test" }]);
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? "", /Final-Recipient: rfc822; a@one\.test/);
  assert.match(texts[0] ?? "", /Final-Recipient: rfc822; b@one\.test/);
});

test("nobody's words are not given as a remote's", async () => {
  const { texts } = await noticesOf("silent", [{}], {}, 5 * hour);
  assert.match(texts[0] ?? "", /4\.4\.1 connection refused/);
  assert.doesNotMatch(texts[0] ?? "", /Diagnostic-Code|Remote-MTA/);
});

test("RFC 8689 §5: a notice about mail that needs TLS needs it, too, and returns the header only", async () => {
  const { texts, notices } = await noticesOf("hard", [{}], { isTlsRequired: true });
  assert.equal(notices[0]?.isTlsRequired, true);
  assert.match(texts[0] ?? "", /text\/rfc822-headers/);
  assert.doesNotMatch(texts[0] ?? "", /Body of/);
  assert.equal((await noticesOf("hard", [{}])).notices[0]?.isTlsRequired, undefined);
});
