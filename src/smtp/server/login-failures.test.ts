import assert from "node:assert/strict";
import { test } from "node:test";
import { LoginFailures } from "./login-failures.ts";

test("each failure makes the next attempt wait longer, up to a bound, for ten minutes", () => {
  const failures = new LoginFailures(500, 1200);
  assert.equal(failures.pauseMs("192.0.2.1", 0), 0);
  const pauses = [1, 2, 3, 4].map((at) => {
    failures.note("192.0.2.1", at);
    return failures.pauseMs("192.0.2.1", at);
  });
  assert.deepEqual(pauses, [500, 1000, 1200, 1200]);
  assert.equal(failures.pauseMs("192.0.2.2", 4), 0);
  assert.equal(failures.pauseMs("192.0.2.1", 600_004), 0);
  failures.note("192.0.2.1", 700_000);
  assert.equal(failures.pauseMs("192.0.2.1", 700_000), 500);
});

test("a whole IPv6 /64 is one client", () => {
  const failures = new LoginFailures(500, 1200);
  failures.note("2001:db8::1", 0);
  assert.equal(failures.pauseMs("2001:db8::2", 0), 500);
  assert.equal(failures.pauseMs("2001:db8:0:1::2", 0), 0);
});

test("what is remembered is bounded, and who failed last is kept", () => {
  const failures = new LoginFailures(500, 1200);
  const address = (at: number) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
  for (let at = 0; at < 10_001; at++) {
    failures.note(address(at), 0);
    failures.note(address(1), 0);
  }
  assert.equal(failures.pauseMs(address(0), 0), 0);
  assert.equal(failures.pauseMs(address(1), 0), 1200);
  assert.equal(failures.pauseMs(address(10_000), 0), 500);
});
