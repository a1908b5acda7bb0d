import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwnEndpoint } from "./own-endpoints.ts";

const here = () => ["198.51.100.7", "2001:db8::7"];

test("a listener on all addresses is this machine's port, not everybody's", () => {
  for (const address of ["0.0.0.0", "::"]) {
    const isOwn = (other: string, port = 25) =>
      isOwnEndpoint([{ address, port: 25 }], { address: other, port }, here);
    for (const own of ["198.51.100.7", "2001:db8::7", "127.0.0.1", "127.0.0.9", "::1"]) {
      assert.equal(isOwn(own), true, own);
      assert.equal(isOwn(own, 26), false, own);
    }
    for (const other of ["192.0.2.1", "2001:db8::8"]) assert.equal(isOwn(other), false, other);
  }
});

test("a listener on one address is that one only", () => {
  const isOwn = (address: string) =>
    isOwnEndpoint([{ address: "127.0.0.1", port: 25 }], { address, port: 25 }, here);
  assert.equal(isOwn("127.0.0.1"), true);
  assert.equal(isOwn("198.51.100.7"), false);
});
