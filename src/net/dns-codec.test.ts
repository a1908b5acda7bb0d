import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import { dnsTypes, formatName, formatQuery, parseDnsMessage } from "./dns-codec.ts";
import { fuzz, seeds } from "./dns-codec.fuzz.ts";
import { formatAnswer, record } from "./dns-fixture.ts";

test("a question reads back as it was written, with EDNS0 and AD", () => {
  const bytes = formatQuery(0xbeef, "_dmarc.example.org", dnsTypes.txt);
  const message = parseDnsMessage(bytes);
  assert.equal(message.id, 0xbeef);
  assert.equal(message.isResponse, false);
  assert.equal(message.isAuthentic, true);
  assert.deepEqual(message.question, { name: "_dmarc.example.org", type: 16 });
  assert.equal(Buffer.from(bytes.subarray(-11)).toString("hex"), "00002904d0000000000000");
});

test("compressed names are followed backwards only", () => {
  const head = "000781800001000100000000076578616d706c65036f726700000f0001";
  const pointed = Buffer.from(`${head}c00c000f00010000012c0009000a046d61696cc00c`, "hex");
  assert.deepEqual(parseDnsMessage(pointed).answers, [
    {
      name: "example.org",
      type: 15,
      ttlSeconds: 300,
      data: { kind: "mx", value: { preference: 10, exchange: "mail.example.org" } },
    },
  ]);
  for (const round of seeds.slice(-3)) {
    assert.throws(() => parseDnsMessage(round), Refusal);
  }
});

test("a message cut anywhere is refused or read, never more than that", () => {
  for (const seed of seeds) {
    for (let end = 0; end <= seed.length; end++) fuzz(seed.subarray(0, end));
  }
});

test("bytes that would be taken for a dot are shown as numbers", () => {
  const query = formatQuery(1, "x", dnsTypes.ptr);
  const odd = { ...record("x", "ptr", "x"), rdata: Buffer.from("03612e62025c200000", "hex") };
  const [answer] = parseDnsMessage(formatAnswer(query, { answers: [odd] })).answers;
  assert.deepEqual(answer?.data, { kind: "ptr", value: "a\\046b.\\092\\032" });
});

test("names that DNS cannot hold are refused", () => {
  assert.equal(formatName(`${"a.".repeat(126)}a`).length, 255);
  for (const name of [`${"a.".repeat(127)}a`, "x".repeat(64), "a..b", ".a"]) {
    assert.throws(() => formatName(name), Refusal, name);
  }
});

test("a message of pointers costs no more than its length allows", () => {
  // 2,000 records whose names all point at one long name.
  const long = formatName(`${"abcdefg.".repeat(30)}abcdefg`);
  const question = Buffer.concat([
    Buffer.from("000781800001", "hex"),
    Buffer.from("07d000000000", "hex"),
  ]);
  const one = Buffer.from("c00c00010001000000000004c0000201", "hex");
  const bytes = Buffer.concat([
    question,
    long,
    Buffer.from([0, 1, 0, 1]),
    ...Array<Buffer>(2_000).fill(one),
  ]);
  const startMs = performance.now();
  assert.equal(parseDnsMessage(bytes).answers.length, 2_000);
  assert.ok(performance.now() - startMs < 500);
});
