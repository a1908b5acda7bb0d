import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../base/faults.ts";
import { queueId } from "../base/ids.ts";
import { createQueueWorld, hour } from "./queue-fixture.ts";

async function queued() {
  const world = createQueueWorld();
  const { store, queue } = world.open();
  world.behave = () => "soft";
  queue.start();
  const id = await world.add(store, ["ana@remote.test"]);
  await world.clock.settle();
  assert.ok(id !== undefined);
  return { world, store, operations: queue.operations, id };
}

test("a list shows what waits and what was last said", async () => {
  const { operations, id } = await queued();
  const [entry] = await operations.list();
  assert.equal(entry?.id, id);
  const expected = "mx.remote.test (192.0.2.1): 450 4.2.1 Mailbox is busy";
  assert.equal(entry?.recipients[0]?.lastAnswer, expected);
  assert.deepEqual(await operations.counts(), { messages: 1, recipients: 1 });
  assert.equal(await operations.find(queueId(99)), undefined);
});

test("a retry by hand is made at once", async () => {
  const { world, operations, id } = await queued();
  await operations.retryNow(id, "cli");
  await world.clock.settle();
  assert.equal(world.carried.length, 2);
});

test("a held message is not tried until it is released", async () => {
  const { world, operations, id } = await queued();
  await operations.hold(id, "cli");
  await world.clock.advance(hour);
  assert.equal(world.carried.length, 1);
  await operations.release(id, "cli");
  await world.clock.settle();
  assert.equal(world.carried.length, 2);
});

test("a removed message is gone, with a notice if asked for", async () => {
  for (const withNotice of [false, true]) {
    const { world, store, operations, id } = await queued();
    await operations.remove(id, "cli", withNotice);
    assert.deepEqual(await operations.counts(), { messages: 0, recipients: 0 });
    assert.equal(world.notices.length, withNotice ? 1 : 0);
    if (withNotice)
      assert.match(world.textOf(world.notices[0]), /Action: failed\r\nStatus: 5\.0\.0/);
    const [journey] = await store.journeys.find("journey-of-the-tests", 1);
    assert.ok(
      journey?.steps.some(({ kind, facts }) => kind === "queue.removed" && facts["by"] === "cli"),
    );
  }
});

test("what is not in the queue is refused", async () => {
  const { operations } = await queued();
  await assert.rejects(
    operations.retryNow(queueId(99), "cli"),
    (error) => error instanceof Refusal && error.reason === "noSuchMessage",
  );
});
