import assert from "node:assert/strict";
import { test } from "node:test";
import { playDialogue } from "./server/dialogue.ts";

const peer = "203.0.113.5";

test("the record of a message says who spoke for whom, and Received names the client", async () => {
  const script = `S: 220 *
C: XCLIENT ADDR=192.0.2.7 HELO=spike.example
S: 220 *
C: EHLO proxy.example
S~ 250 XFORWARD *
C: XFORWARD ADDR=192.0.2.99 NAME=origin.example
S: 250 *
C: MAIL FROM:<a@client.example>
S: 250 *
C: RCPT TO:<ana@golub.example>
S: 250 *
C: DATA
S: 354 *
C: .
S: 250 *`;
  await using fixture = await playDialogue(script, { from: peer, xclientFrom: [peer] });
  const [text = ""] = await fixture.inbox("ana@golub.example");
  assert.match(text, /^Received: from spike\.example \(\[192\.0\.2\.7\]\)/m);
  const [journey] = await fixture.store.journeys.find("ana@golub.example", 1);
  const factsOf = (kind: string) => journey?.steps.find((step) => step.kind === kind)?.facts;
  assert.deepEqual(factsOf("smtp.client"), {
    by: peer,
    address: "192.0.2.7",
    helo: "spike.example",
  });
  assert.deepEqual(factsOf("smtp.origin"), {
    by: peer,
    address: "192.0.2.99",
    name: "origin.example",
  });
});
