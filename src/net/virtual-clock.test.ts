import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../base/clock.ts";
import { createVirtualClock } from "./virtual-clock.ts";

test("timers fire in order of their time, and of their setting when at the same", async () => {
  const clock = createVirtualClock({ startMs: 1_000 });
  const fired: string[] = [];
  for (const [name, delayMs] of [
    ["c", 30],
    ["a", 10],
    ["b1", 20],
    ["b2", 20],
  ] as const) {
    clock.after(delayMs, () => fired.push(`${name}@${clock.now()}`));
  }
  await clock.advance(25);
  assert.deepEqual(fired, ["a@1010", "b1@1020", "b2@1020"]);
  assert.equal(clock.now(), 1_025);
  assert.equal(clock.monotonicMs(), 25);
  assert.equal(clock.timerCount, 1);
  assert.equal(clock.nextDueMs, 1_030);
});

test("what a timer wakes goes on before the next timer fires", async () => {
  const clock = createVirtualClock();
  const story: string[] = [];
  const walk = async (name: string, stepMs: number): Promise<void> => {
    for (let step = 1; step <= 3; step++) {
      await sleep(clock, stepMs);
      story.push(`${name}${step}`);
    }
  };
  await clock.run(Promise.all([walk("a", 10), walk("b", 15)]));
  assert.deepEqual(
    story,
    ["a1", "b1", "a2", "b2", "a3", "b3"].toSorted((x, y) => order(x) - order(y)),
  );
});

/** When each step above happens; at 30 ms both do, and b's timer was set first. */
function order(step: string): number {
  return { a1: 10, b1: 15, a2: 20, b2: 30, a3: 31, b3: 45 }[step] ?? 0;
}

test("a cancelled timer never fires, and many of them do not pile up", async () => {
  const clock = createVirtualClock();
  for (let count = 0; count < 10_000; count++) {
    clock.after(300_000, () => assert.fail("cancelled")).cancel();
  }
  assert.equal(clock.timerCount, 0);
  await clock.advance(400_000);
});

test("work that waits for nothing that time brings is told so", async () => {
  const clock = createVirtualClock();
  await assert.rejects(clock.run(new Promise(() => undefined)), /no timer will bring/);
});

test("a timer for the rest of a wait fires when the wait is over, in fractions too", async () => {
  const clock = createVirtualClock();
  await clock.advance(100);
  const dueMs = clock.monotonicMs() + 1_000 / 3;
  let timerCount = 0;
  const wait = () => {
    if (clock.monotonicMs() >= dueMs) return;
    timerCount++;
    if (timerCount < 10) clock.after(dueMs - clock.monotonicMs(), wait);
  };
  wait();
  await clock.advance(1_000);
  assert.ok(timerCount <= 2, `${timerCount} timers for one wait`);
});
