import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProxyHeader } from "./proxy-header.ts";
import { fuzz, seeds } from "./proxy-header.fuzz.ts";

const v2Signature = "0d0a0d0a000d0a515549540a";

/** Version 2 with a command byte, a family byte and what follows the length. */
function v2(command: number, family: number, rest: string | Uint8Array): Uint8Array {
  const tail = typeof rest === "string" ? Buffer.from(rest, "hex") : Buffer.from(rest);
  const head = Buffer.from(v2Signature, "hex");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(tail.length);
  return Buffer.concat([head, Uint8Array.of(command, family), length, tail]);
}

const line = (text: string) => parseProxyHeader(Buffer.from(text, "latin1"));
const whyOf = (answer: ReturnType<typeof line>) => (answer.kind === "invalid" ? answer.why : "");

test("a v1 line names both ends, and the length of the header", () => {
  assert.deepEqual(line("PROXY TCP4 203.0.113.7 192.0.2.1 5555 25\r\nEHLO"), {
    kind: "proxied",
    headerBytes: 42,
    remote: { address: "203.0.113.7", port: 5555 },
    local: { address: "192.0.2.1", port: 25 },
  });
  const v6 = line("PROXY TCP6 2001:DB8::7 ::ffff:192.0.2.1 1 65535\r\n");
  assert.ok(v6.kind === "proxied");
  assert.equal(v6.remote.address, "2001:db8::7");
  assert.equal(v6.local.address, "192.0.2.1");
  assert.deepEqual(line("PROXY UNKNOWN whatever else\r\n"), { kind: "own", headerBytes: 29 });
});

test("a v2 header names both ends, passes over extensions, and may speak for itself", () => {
  const v4 = parseProxyHeader(v2(0x21, 0x11, "cb007107c000020115b30019030004deadbeef"));
  assert.deepEqual(v4, {
    kind: "proxied",
    headerBytes: 35,
    remote: { address: "203.0.113.7", port: 5555 },
    local: { address: "192.0.2.1", port: 25 },
  });
  const six = "20010db800000000000000000000000700000000000000000000ffffc0000201";
  const v6 = parseProxyHeader(v2(0x21, 0x21, `${six}00010019`));
  assert.ok(v6.kind === "proxied");
  assert.equal(v6.remote.address, "2001:db8::7");
  assert.equal(v6.local.address, "192.0.2.1");
  assert.equal(parseProxyHeader(v2(0x20, 0x00, "")).kind, "own");
  assert.equal(parseProxyHeader(v2(0x21, 0x31, new Uint8Array(216))).kind, "own");
});

test("what is no header is refused with the reason", () => {
  const bad = [
    "EHLO mail.example.org\r\n",
    "\x16\x03\x01\x02\x00",
    "PROXY TCP4 203.0.113.7 192.0.2.1 5555 25\n",
    "PROXY TCP4 203.0.113.7 192.0.2.1 5555\r\n",
    "PROXY TCP4 203.0.113.7 192.0.2.1 5555 25 7\r\n",
    "PROXY TCP4 203.0.113.7  192.0.2.1 5555 25\r\n",
    "PROXY TCP4 2001:db8::7 192.0.2.1 5555 25\r\n",
    "PROXY TCP6 fe80::1%eth0 2001:db8::7 5555 25\r\n",
    "PROXY TCP4 203.0.113.7 192.0.2.1 65536 25\r\n",
    "PROXY TCP4 203.0.113.7 192.0.2.1 05 25\r\n",
    "PROXY TCP4 203.0.113.7 192.0.2.1 -5 25\r\n",
    "PROXY UDP4 203.0.113.7 192.0.2.1 5 25\r\n",
    `PROXY UNKNOWN ${"x".repeat(200)}\r\n`,
  ];
  for (const text of bad) assert.equal(line(text).kind, "invalid", text);
  assert.match(whyOf(parseProxyHeader(v2(0x11, 0x11, ""))), /version/);
  assert.match(whyOf(parseProxyHeader(v2(0x22, 0x11, ""))), /command/);
  assert.match(whyOf(parseProxyHeader(v2(0x21, 0x41, ""))), /family/);
  assert.match(whyOf(parseProxyHeader(v2(0x21, 0x13, new Uint8Array(12)))), /transport/);
  assert.equal(parseProxyHeader(v2(0x20, 0xff, "")).kind, "own");
  assert.match(whyOf(parseProxyHeader(v2(0x21, 0x11, "cb007107"))), /too short/);
  assert.match(whyOf(parseProxyHeader(v2(0x21, 0x11, new Uint8Array(5_000)))), /too long/);
});

test("a header in pieces needs more until it is whole, wherever it is cut", () => {
  for (const whole of seeds) {
    const answer = parseProxyHeader(whole);
    if (answer.kind === "invalid" || answer.kind === "needsMore") continue;
    for (let at = 0; at < answer.headerBytes; at++) {
      assert.equal(parseProxyHeader(whole.subarray(0, at)).kind, "needsMore", `cut at ${at}`);
    }
    assert.deepEqual(parseProxyHeader(whole.subarray(0, answer.headerBytes)), answer);
  }
});

test("every seed of the fuzz target passes it", () => {
  for (const seed of seeds) fuzz(seed);
});
