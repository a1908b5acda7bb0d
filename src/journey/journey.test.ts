import assert from "node:assert/strict";
import { test } from "node:test";
import { journeyId } from "../base/ids.ts";
import { seededRandom } from "../base/random.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { explainJourney, formatExplanation } from "./explain.ts";
import { factCharactersMax, JourneyRecorder, newJourneyId, stepsMax } from "./recorder.ts";

test("an id is 20 characters that a URL and a reply can carry", () => {
  assert.match(newJourneyId(seededRandom(1)), /^[A-Za-z0-9_-]{20}$/);
});

test("a message's record begins with its connection's and leaves that alone", async () => {
  const clock = createVirtualClock();
  const connection = new JourneyRecorder(clock);
  connection.add("smtp.connected", { address: "192.0.2.1" });
  const message = new JourneyRecorder(clock, connection);
  await clock.advance(5);
  message.add("smtp.mail", { sender: "" });
  assert.deepEqual(
    message.steps().map((step) => step.kind),
    ["smtp.connected", "smtp.mail"],
  );
  assert.equal(connection.steps().length, 1);
});

test("facts and the number of steps are bounded, and the record says what it left out", () => {
  const recorder = new JourneyRecorder(createVirtualClock());
  recorder.add("smtp.greeted", { name: "x".repeat(10_000), list: Array(500).fill("y") });
  for (let at = 0; at < stepsMax + 10; at++) recorder.add("smtp.recipient", { address: "a@b" });
  const steps = recorder.steps();
  assert.equal(String(steps[0]?.facts["name"]).length, factCharactersMax);
  assert.equal(Array.isArray(steps[0]?.facts["list"]) && steps[0].facts["list"].length, 100);
  assert.equal(steps.length, stepsMax + 1);
  assert.deepEqual(steps.at(-1)?.facts, { steps: 11 });
});

test("an explanation says when, what, and what came of it", () => {
  const atMs = Date.UTC(2026, 0, 1);
  const lines = formatExplanation(
    explainJourney({
      journey: journeyId("abcdefghijklmnopqrst"),
      messageIdHeader: "1@client.example",
      addresses: ["marko@client.example", "ana@golub.example"],
      steps: [
        { atMs, kind: "smtp.connected", facts: { address: "192.0.2.1", port: 25, role: "mx" } },
        { atMs: atMs + 250, kind: "smtp.mail", facts: { sender: "" } },
        { atMs: atMs + 250, kind: "other.thing", facts: { a: 1, b: ["x", "y"] } },
        {
          atMs: atMs + 300,
          kind: "delivery.stored",
          facts: { account: "ana@golub.example", mailbox: "INBOX" },
        },
      ],
    }),
  );
  assert.deepEqual(lines, [
    "Journey abcdefghijklmnopqrst of <1@client.example>",
    "  between marko@client.example, ana@golub.example",
    "  2026-01-01 00:00:00.000  192.0.2.1 connected to port 25 (mx)",
    "                 +0.250 s  a message from the null sender (a notice) was announced",
    "                 +0.000 s  other.thing: a 1, b x, y",
    "                 +0.050 s  stored for ana@golub.example in INBOX",
    "  In the end: stored for ana@golub.example in INBOX.",
  ]);
});

test("what strangers wrote cannot end a line or steer a terminal", () => {
  const [, , step] = formatExplanation(
    explainJourney({
      journey: journeyId("a"),
      messageIdHeader: "",
      addresses: [],
      steps: [{ atMs: 0, kind: "smtp.greeted", facts: { name: "a\r\n\u001b[31mb\u202e" } }],
    }),
  );
  assert.equal(step?.slice(27), "it called itself a???[31mb?");
});

test("a delivery attempt is told in the remote's own words", () => {
  const facts = {
    recipient: "b@elsewhere.example",
    attempt: 2,
    host: "mx.elsewhere.example (192.0.2.1)",
    code: 450,
    status: "4.2.1",
    text: "Come back",
    tls: "",
  };
  const sentence = (kind: string, more: object = {}) => {
    const steps = [{ atMs: 0, kind, facts: { ...facts, ...more } }];
    const row = { journey: journeyId("a"), messageIdHeader: "", addresses: [], steps };
    return explainJourney(row).steps[0]?.text;
  };
  assert.equal(
    sentence("queue.delayed"),
    "attempt 2 for b@elsewhere.example put off by mx.elsewhere.example (192.0.2.1): 450 4.2.1 Come back",
  );
  assert.equal(
    sentence("queue.failed", { host: "", code: 0, status: "5.1.2", text: "No such domain" }),
    "this server refused it for b@elsewhere.example: 5.1.2 No such domain",
  );
});

test("the end tells of the queue only while somebody waits there, and ends with one dot", () => {
  const recipients = ["a@b.example", "c@d.example"];
  const lastLine = (...ended: string[]) => {
    const steps = ended.map((recipient) => {
      const facts = { recipient, host: "mx", code: 250, status: "2.0.0", text: "Kept.", tls: "" };
      return { atMs: 1, kind: "queue.delivered", facts };
    });
    return formatExplanation(
      explainJourney({
        journey: journeyId("a"),
        messageIdHeader: "",
        addresses: [],
        steps: [{ atMs: 0, kind: "delivery.queued", facts: { recipients } }, ...steps],
      }),
    ).at(-1);
  };
  assert.match(
    lastLine("a@b.example") ?? "",
    /^ {2}In the end: queued to be sent to a@b.example, /,
  );
  const last = lastLine("a@b.example", "c@d.example") ?? "";
  assert.match(
    last,
    /^ {2}In the end: mx took it for a@b\.example: 250 2\.0\.0 Kept.*; mx took it/,
  );
  assert.match(last, /Kept\.$/);
});
