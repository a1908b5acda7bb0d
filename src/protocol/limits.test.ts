import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reason } from "../base/faults.ts";
import { Refusal } from "../base/faults.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { ConnectionLimits } from "./limits.ts";
import { LoginGuard } from "./login-guard.ts";

const isRefusal = (reason: Reason) => (error: unknown) =>
  error instanceof Refusal && error.reason === reason;

test("one client has its share of connections, a whole /64 counts as one", () => {
  const limits = new ConnectionLimits({ connectionsMax: 100, perClientMax: 2 });
  const first = limits.admit("2001:db8::1");
  limits.admit("2001:db8::2");
  assert.throws(() => limits.admit("2001:db8::3"), isRefusal("tooManyConnections"));
  limits.admit("2001:db8:0:1::1");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  limits.admit("2001:db8::3");
  assert.throws(() => limits.admit("2001:db8::4"), isRefusal("tooManyConnections"));
  assert.equal(limits.count, 3);
});

test("all connections together have a limit, for loopback too", () => {
  const limits = new ConnectionLimits({ connectionsMax: 5, perClientMax: 2 });
  const open = Array.from({ length: 5 }, () => limits.admit("127.0.0.1"));
  assert.throws(() => limits.admit("192.0.2.1"), isRefusal("tooManyConnections"));
  for (const each of open) each[Symbol.dispose]();
  assert.equal(limits.count, 0);
  limits.admit("192.0.2.1");
});

async function fail(guard: LoginGuard, address: string): Promise<void> {
  const login = async (): Promise<never> => {
    throw new Refusal("loginFailed", "Wrong name or password.");
  };
  await guard.guard(address, login).catch(() => undefined);
}

test("a client that guesses waits longer and longer, and others do not", async () => {
  const clock = createVirtualClock();
  const guard = new LoginGuard({ clock });
  const pauses: number[] = [];
  for (let count = 0; count < 10; count++) {
    await clock.run(fail(guard, "192.0.2.1"));
    pauses.push(guard.pauseMs("192.0.2.1"));
  }
  assert.deepEqual(pauses.slice(0, 8), [0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.equal(Math.max(...pauses), 30_000);
  assert.equal(guard.pauseMs("192.0.2.2"), 0);
  for (let count = 0; count < 10; count++) await fail(guard, "127.0.0.1");
  assert.equal(guard.pauseMs("127.0.0.1"), 0);
});

test("who goes on is refused, and forgiven after a while of quiet", async () => {
  const clock = createVirtualClock();
  const guard = new LoginGuard({ clock, freeFailures: 2, failuresMax: 5 });
  const address = "192.0.2.1";
  for (let count = 0; count < 5; count++) await clock.run(fail(guard, address));
  const good = () => clock.run(guard.guard(address, async () => "in"));
  await assert.rejects(good, isRefusal("limit"));
  await clock.advance(60_000);
  assert.equal(await good(), "in");
  assert.notEqual(guard.pauseMs(address), 0);
  await clock.advance(180_000);
  assert.equal(guard.pauseMs(address), 0);
});

test("errors that are not the client's are not held against it", async () => {
  const clock = createVirtualClock();
  const guard = new LoginGuard({ clock, freeFailures: 0 });
  const busy = guard.guard("192.0.2.1", async () => {
    throw new Refusal("unavailable", "Busy.");
  });
  await assert.rejects(busy, isRefusal("unavailable"));
  assert.equal(guard.pauseMs("192.0.2.1"), 0);
});
