import assert from "node:assert/strict";
import { test } from "node:test";
import { createQueueWorld, hour, minute, type Answer } from "./queue-fixture.ts";

test("a stop lets attempts end, and takes no new ones", async () => {
  const world = createQueueWorld({ settings: { attemptsMax: 1 } });
  const { store, queue } = world.open();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  world.behave = () => promise;
  queue.start();
  await world.add(store, ["a@one.test"]);
  await world.add(store, ["b@two.test"]);
  await world.clock.settle();
  const stopped = queue.stop(minute);
  await world.clock.advance(1000);
  resolve("ok");
  await world.clock.run(stopped);
  assert.equal(world.carried.length, 1);
  assert.equal((await store.queue.counts()).recipients, 1);
  assert.equal(world.clock.timerCount, 0);
});

test("a stop breaks off what takes too long, and gives it back untried", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  world.behave = (_, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve("silent")));
  queue.start();
  await world.add(store, ["a@one.test"]);
  await world.clock.settle();
  const startMs = world.clock.now();
  await world.clock.run(queue.stop(5000));
  assert.equal(world.clock.now() - startMs, 5000);
  const [recipient] = (await store.queue.list())[0]?.recipients ?? [];
  assert.equal(recipient?.attemptCount, 0);
  const leases = await store.queue.lease({
    nowMs: world.clock.now(),
    leaseMs: 1000,
    limit: 5,
    skipDestinations: [],
  });
  assert.equal(leases.length, 1, "another worker can have it at once");
});

test("a stop gives back what waited for its turn", async () => {
  const world = createQueueWorld({ settings: { attemptsPerDestinationMax: 1 } });
  const { store, queue } = world.open();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  world.behave = () => promise;
  for (let count = 0; count < 3; count++) await world.add(store, ["a@one.test"]);
  queue.start();
  await world.clock.settle();
  const stopped = queue.stop(minute);
  await world.clock.settle();
  resolve("ok");
  await world.clock.run(stopped);
  assert.equal(world.carried.length, 1);
  const nextDueMs = await store.queue.nextDueAtMs();
  assert.ok(nextDueMs !== undefined && nextDueMs <= world.clock.now());
});

test("kill -9 during an attempt: it is made again, and nobody is forgotten", async () => {
  const world = createQueueWorld();
  const first = world.open();
  world.behave = () => new Promise(() => undefined);
  first.queue.start();
  await world.add(first.store, ["a@one.test", "b@two.test"]);
  await world.clock.settle();
  first.store.crash();

  world.behave = () => "ok";
  const second = world.open();
  second.queue.start();
  await world.clock.advance(minute);
  assert.equal(world.carried.length, 4);
  assert.deepEqual(await second.store.queue.counts(), { messages: 0, recipients: 0 });
});

test("kill -9 between the remote's 250 and our commit: the only window for a second copy", async () => {
  let isDead = false;
  const beforeCommit = () => {
    if (isDead) throw new Error("power is gone");
  };
  const world = createQueueWorld({ store: { faults: { beforeCommit } } });
  const first = world.open();
  world.behave = () => {
    isDead = true;
    return "ok";
  };
  first.queue.start();
  await world.add(first.store, ["a@one.test"]);
  await world.clock.settle();
  first.store.crash();
  isDead = false;
  world.behave = () => "ok";

  const second = world.open();
  second.queue.start();
  await world.clock.advance(2 * hour);
  assert.equal(world.carried.length, 2);
  assert.deepEqual(await second.store.queue.counts(), { messages: 0, recipients: 0 });
});

test("a worker that lost its lease cannot settle, and says so in the log", async () => {
  const world = createQueueWorld({
    settings: { leaseMs: 10 * minute, attemptTimeoutMs: 5 * minute },
  });
  const { store, queue } = world.open();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  let count = 0;
  // The first attempt hangs beyond everything that is allowed, as in a process that was frozen.
  world.behave = () => (++count === 1 ? promise : "soft");
  queue.start();
  await world.add(store, ["a@one.test"]);
  await world.clock.advance(12 * minute);
  assert.equal(count, 2);
  resolve("hard");
  await world.clock.advance(minute);
  assert.ok(world.events.includes("queue.leaseLost"));
  assert.equal((await store.queue.counts()).recipients, 1, "the second attempt's word counts");
});

test("a message removed by hand during an attempt stays removed", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  world.behave = () => promise;
  queue.start();
  const id = await world.add(store, ["a@one.test"]);
  await world.clock.settle();
  assert.ok(id !== undefined);
  await queue.operations.remove(id, "cli", false);
  resolve("soft");
  await world.clock.advance(minute);
  assert.deepEqual(await store.queue.counts(), { messages: 0, recipients: 0 });
});

test("a message that expired while nobody worked is tried once more, then its sender is told", async () => {
  const world = createQueueWorld();
  const first = world.open();
  world.behave = () => "soft";
  first.queue.start();
  await world.add(first.store, ["a@one.test"]);
  await world.clock.settle();
  await world.clock.run(first.queue.stop(1000));
  await first.store.close();
  await world.clock.advance(10 * 24 * hour);

  const second = world.open();
  second.queue.start();
  await world.clock.settle();
  assert.equal(world.carried.length, 2);
  assert.equal(world.notices.length, 1);
  assert.match(world.textOf(world.notices[0]), /Action: failed\r\nStatus: 4\.4\.7/);
  assert.deepEqual(await second.store.queue.counts(), { messages: 0, recipients: 0 });
});

test("the waits go on where they were after a restart", async () => {
  const world = createQueueWorld();
  const first = world.open();
  world.behave = () => "soft";
  first.queue.start();
  await world.add(first.store, ["a@one.test"]);
  await world.clock.advance(30 * minute);
  await world.clock.run(first.queue.stop(1000));
  await first.store.close();
  const second = world.open();
  second.queue.start();
  await world.clock.advance(4 * hour);
  const at = world.carried.map(({ atMs }) => (atMs - world.startMs) / minute);
  const waits = at.slice(1).map((one, index) => one - (at[index] ?? 0));
  for (const [index, usual] of [5, 15, 30, 60].entries()) {
    assert.ok(Math.abs((waits[index] ?? 0) / usual - 1) <= 0.1, `wait ${index}: ${waits[index]}`);
  }
});
