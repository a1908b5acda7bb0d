import assert from "node:assert/strict";
import { test } from "node:test";
import { createQueueWorld, day, hour, minute, type Behaviour } from "./queue-fixture.ts";

test("a message is sent as soon as it is queued, prefix first, and leaves the queue", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.settle();
  assert.equal(world.carried.length, 1);
  assert.match(world.carried[0]?.content ?? "", /^Received: by us\r\nSubject: news\r\n\r\nBody/);
  assert.deepEqual(await store.queue.counts(), { messages: 0, recipients: 0 });
  assert.deepEqual(world.notices, []);
  const [journey] = await store.journeys.find("journey-of-the-tests", 1);
  assert.equal(journey?.steps.at(-1)?.kind, "queue.delivered");
  assert.equal(journey?.steps.at(-1)?.facts["text"], "taken");
});

test("recipients of one destination go together, others apart", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  queue.start();
  await world.add(store, ["a@one.test", "b@two.test", "c@one.test"]);
  await world.clock.settle();
  const groups = world.carried.map(({ addresses }) => addresses.join(" ")).toSorted();
  assert.deepEqual(groups, ["a@one.test c@one.test", "b@two.test"]);
});

test("what was queued before the start is sent too", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  await world.add(store, ["ana@remote.test"]);
  queue.start();
  await world.clock.settle();
  assert.equal(world.carried.length, 1);
});

test("a busy remote is tried for five days, with growing waits, then the sender is told", async () => {
  const world = createQueueWorld({ settings: { pollMs: hour } });
  const { store, queue } = world.open();
  world.behave = () => "soft";
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.advance(6 * day);
  const at = world.carried.map(({ atMs }) => (atMs - world.startMs) / minute);
  const waits = at.slice(1).map((one, index) => one - (at[index] ?? 0));
  for (const [index, usual] of [5, 15, 30, 60].entries()) {
    const wait = waits[index] ?? 0;
    assert.ok(wait >= usual * 0.9 && wait <= usual * 1.1, `wait ${index}: ${wait}`);
  }
  assert.ok(waits.every((wait) => wait <= 4.4 * 60));
  assert.ok(at.length > 30 && at.length < 45);
  assert.equal(at.at(-1), 5 * 24 * 60, "the last attempt is made when it expires");
  assert.deepEqual(await store.queue.counts(), { messages: 0, recipients: 0 });

  assert.equal(world.notices.length, 2);
  const [delay, failure] = world.notices.map((notice) => world.textOf(notice));
  assert.match(delay ?? "", /Action: delayed\r\nStatus: 4\.2\.1\r\n/);
  assert.match(delay ?? "", /Will-Retry-Until: Tue, 6 Jan 2026/);
  assert.ok(at.includes(4 * 60), "the notice of delay is not later than four hours");
  assert.match(failure ?? "", /Action: failed\r\nStatus: 4\.4\.7\r\n/);
  assert.match(failure ?? "", /tried for 5 days/);
  const [journey] = await store.journeys.find("journey-of-the-tests", 1);
  const kinds = journey?.steps.map(({ kind }) => kind) ?? [];
  assert.equal(kinds.filter((kind) => kind === "queue.noticeSent").length, 2);
  assert.ok(kinds.includes("queue.expired"));
});

test("a refused recipient is reported with the remote's own words, the others go on", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  world.behave = ({ destination }) => (destination === "bad.test" ? "hard" : "soft");
  queue.start();
  await world.add(store, ["x@bad.test", "ana@remote.test"]);
  await world.clock.settle();
  assert.equal(world.notices.length, 1);
  assert.equal(world.notices[0]?.recipient, "me@golub.test");
  assert.equal((await store.queue.list())[0]?.recipients.length, 1);
});

test("a failure is settled only together with its notice", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  world.behave = () => "hard";
  let failures = 2;
  world.beforeNotice = () => {
    if (failures-- > 0) throw new Error("no room");
  };
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.settle();
  assert.equal((await store.queue.counts()).recipients, 1);
  await world.clock.advance(minute);
  assert.equal((await store.queue.counts()).recipients, 0);
  assert.equal(world.notices.length, 1);
  assert.equal(world.carried.length, 1, "the remote was asked once");
});

test("a failure whose notice cannot be kept stays in the queue", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  world.behave = () => "hard";
  world.beforeNotice = () => {
    throw new Error("broken");
  };
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.advance(10 * minute);
  assert.equal((await store.queue.counts()).recipients, 1);
  assert.equal(world.carried.length, 1);
  world.beforeNotice = () => undefined;
  await world.clock.advance(2 * hour);
  assert.equal((await store.queue.counts()).recipients, 0);
  assert.equal(world.notices.length, 1);
});

test("at most so many attempts run at once, in all and to one destination", async () => {
  const settings = { attemptsMax: 6, attemptsPerDestinationMax: 2, leasesPerCallMax: 4 };
  const world = createQueueWorld({ settings });
  const { store, queue } = world.open();
  const running = new Map<string, number>();
  let mostInAll = 0;
  let mostToOne = 0;
  const behave: Behaviour = async ({ destination }) => {
    running.set(destination, (running.get(destination) ?? 0) + 1);
    mostToOne = Math.max(mostToOne, ...running.values());
    mostInAll = Math.max(mostInAll, queue.attemptCount);
    await new Promise<void>((resolve) => world.clock.after(1000, resolve));
    running.set(destination, (running.get(destination) ?? 0) - 1);
    return "ok" as const;
  };
  world.behave = behave;
  for (let count = 0; count < 20; count++) await world.add(store, ["a@slow.test"]);
  for (let count = 0; count < 20; count++) await world.add(store, [`a@d${count % 5}.test`]);
  queue.start();
  await world.clock.advance(20_000);
  assert.equal(world.carried.length, 40);
  assert.equal(mostToOne, 2);
  assert.equal(mostInAll, 6);
  const others = world.carried.filter(({ destination }) => destination !== "slow.test");
  assert.ok(
    Math.max(...others.map(({ atMs }) => atMs)) <= world.startMs + 8000,
    "no waiting behind the slow",
  );
});

test("a destination where nobody answers is left alone for a while, whoever writes there", async () => {
  const world = createQueueWorld({
    settings: { silencesMax: 3, pauseMs: minute, attemptsPerDestinationMax: 1 },
  });
  const { store, queue } = world.open();
  world.behave = ({ destination }) => (destination === "dead.test" ? "silent" : "ok");
  queue.start();
  for (let count = 0; count < 10; count++) await world.add(store, ["a@dead.test"]);
  await world.add(store, ["a@alive.test"]);
  await world.clock.settle();
  assert.equal(world.carried.filter(({ destination }) => destination === "dead.test").length, 3);
  assert.equal(world.carried.filter(({ destination }) => destination === "alive.test").length, 1);
  world.behave = () => "ok";
  await world.clock.advance(hour);
  assert.deepEqual(await store.queue.counts(), { messages: 0, recipients: 0 });
});

test("the store is asked again until it can write what has happened", async () => {
  let isFull = false;
  const beforeCommit = () => {
    if (isFull) throw new Error("disk full");
  };
  const world = createQueueWorld({ store: { faults: { beforeCommit } } });
  const { store, queue } = world.open();
  world.behave = () => {
    isFull = true;
    return "ok";
  };
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.advance(5 * minute);
  isFull = false;
  await world.clock.advance(2 * hour);
  assert.equal((await store.queue.counts()).recipients, 0);
  assert.equal(world.carried.length, 1, "nothing was sent twice");
});

test("an answer of the store that was lost does not settle twice", async () => {
  let losses = 0;
  const afterCommit = () => {
    if (losses-- > 0) throw new Error("connection to the database lost");
  };
  const world = createQueueWorld({ store: { faults: { afterCommit } } });
  const { store, queue } = world.open();
  world.behave = () => {
    losses = 1;
    return "hard";
  };
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.advance(hour);
  assert.equal(world.carried.length, 1);
  const [journey] = await store.journeys.find("journey-of-the-tests", 1);
  assert.equal(journey?.steps.filter(({ kind }) => kind === "queue.failed").length, 1);
});

test("an attempt that takes too long is broken off and tried again", async () => {
  const world = createQueueWorld({ settings: { attemptTimeoutMs: 10 * minute } });
  const { store, queue } = world.open();
  world.behave = (_, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve("silent")));
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.advance(11 * minute);
  assert.equal((await store.queue.list())[0]?.recipients[0]?.attemptCount, 1);
  await world.clock.advance(10 * minute);
  assert.equal(world.carried.length, 2);
});

test("a courier that throws delays the message and is logged", async () => {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  world.behave = () => {
    throw new Error("bug");
  };
  queue.start();
  await world.add(store, ["ana@remote.test"]);
  await world.clock.settle();
  assert.ok(world.events.includes("queue.courierFailed"));
  assert.match((await store.queue.list())[0]?.recipients[0]?.lastAnswer ?? "", /4\.3\.0/);
});
