import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import { clientKey, formatAddress, isLoopback, parseIpv6, parseNetworks } from "./networks.ts";

test("a network has the addresses within it, in any spelling, and no others", () => {
  const networks = parseNetworks(["192.0.2.0/24", "2001:db8::/32", "127.0.0.1", "::1"]);
  const inside = [
    "192.0.2.0",
    "192.0.2.255",
    "::ffff:192.0.2.7",
    "2001:DB8:1::",
    "127.0.0.1",
    "::1",
  ];
  const outside = ["192.0.3.0", "2001:db9::", "127.0.0.2", "::2", "", "example.org", "192.0.2"];
  for (const address of inside) assert.equal(networks.has(address), true, address);
  for (const address of outside) assert.equal(networks.has(address), false, address);
  assert.equal(parseNetworks([]).has("127.0.0.1"), false);
  assert.equal(parseNetworks(["0.0.0.0/0"]).has("203.0.113.7"), true);
});

test("what is no network is refused by name", () => {
  for (const bad of [
    "",
    "x",
    "192.0.2.0/33",
    "2001:db8::/129",
    "192.0.2.0/",
    "192.0.2.0/-1",
    "1.2.3",
  ]) {
    assert.throws(
      () => parseNetworks([bad]),
      (error) => error instanceof Refusal && error.text.includes(`"${bad}"`),
    );
  }
});

test("one customer of a network is one client: an IPv4 address or an IPv6 /64", () => {
  assert.equal(clientKey("192.0.2.1"), "192.0.2.1");
  assert.equal(clientKey("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(clientKey("2001:db8::1"), clientKey("2001:db8:0:0:ffff::2"));
  assert.notEqual(clientKey("2001:db8::1"), clientKey("2001:db8:0:1::1"));
});

test("addresses are read and written in their shortest form (RFC 5952 §4)", () => {
  assert.deepEqual(parseIpv6("2001:db8::192.0.2.1"), [0x2001, 0xdb8, 0, 0, 0, 0, 0xc000, 0x201]);
  assert.deepEqual(parseIpv6("::"), [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(parseIpv6("192.0.2.1"), undefined);
  const bytes = (hex: string) => Buffer.from(hex, "hex");
  assert.equal(formatAddress(bytes("20010db8000000000001000000000001")), "2001:db8::1:0:0:1");
  assert.equal(formatAddress(bytes("00000000000000000000000000000000")), "::");
  assert.equal(formatAddress(bytes("00000000000000000000ffffc0000201")), "192.0.2.1");
  assert.equal(formatAddress(bytes("c0000201")), "192.0.2.1");
  assert.ok(isLoopback("127.9.9.9") && isLoopback("::1") && isLoopback("::ffff:127.0.0.1"));
  assert.ok(!isLoopback("128.0.0.1") && !isLoopback("127.example.org"));
});
