import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeed } from "./run-seed.ts";
import { smallPlan } from "./small-plan.ts";

const faulty = {
  ...smallPlan,
  ...{ crashes: 2, restarts: 1, storms: 2, cutChance: 0.1, piecesChance: 0.2, slowChance: 0.1 },
  ...{ sickTimes: 2, failBeforeChance: 0.2, failAfterChance: 0.2 },
};

test("a seed replays everything, faults too, to the last event", async () => {
  const first = await runSeed(5, { plan: faulty });
  const second = await runSeed(5, { plan: faulty });
  assert.deepEqual(first.breaches, []);
  assert.ok(first.eventCount > 100, `${first.eventCount} events`);
  assert.ok(first.seen.stored > 10 && first.seen.delivered > 0);
  assert.deepEqual([second.eventCount, second.digest], [first.eventCount, first.digest]);
});

test("a store that never sends a hint breaks no promise: hints only save time", async () => {
  const deaf = { [Symbol.dispose]: () => undefined };
  const { breaches } = await runSeed(25, {
    plan: smallPlan,
    wrapStore: (store) => ({
      ...store,
      feed: { watch: () => deaf, watchQueue: () => deaf, watchDirectory: () => deaf },
    }),
  });
  assert.deepEqual(breaches, []);
});
