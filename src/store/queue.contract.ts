import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type QueueId, journeyId, queueId } from "../base/ids.ts";
import {
  type MakeStore,
  apply,
  assertRefused,
  resultOf,
  smallBlob,
  startMs,
  withStore,
} from "./contract-fixtures.ts";
import type { NewQueueRecipient, QueueMessage, QueueOutcome } from "./queue.ts";
import type { Store } from "./store.ts";

const message: QueueMessage = {
  sender: "ana@example.org",
  envelopeId: "env",
  returnContent: "headers",
  needsSmtpUtf8: false,
  bodyKind: "8bitmime",
  prefix: new Uint8Array([82, 58]),
  expiresAtMs: startMs + 1000,
  journey: journeyId("j".repeat(20)),
};

/** What every engine promises about the outbound queue. */
export function describeQueueContract(name: string, make: MakeStore): void {
  describe(`${name}: queue`, () => {
    test("a message waits with all that it came with", () =>
      withStore(make, async (store) => {
        const id = await enqueue(store, ["a@x.example", "b@y.example"]);
        const entry = await store.queue.find(id);
        assert.ok(entry !== undefined);
        assert.deepEqual(
          { ...entry.message, prefix: [...entry.message.prefix] },
          {
            ...message,
            prefix: [82, 58],
          },
        );
        assert.equal(entry.hash, smallBlob("queued").hash);
        assert.equal(entry.bodyBytes, 6);
        assert.equal(entry.queuedAtMs, startMs);
        assert.deepEqual(entry.recipients[1], {
          queue: id,
          recipient: 1,
          address: "b@y.example",
          destination: "y.example",
          notify: ["failure", "delay"],
          originalRecipient: "rfc822;b",
          attemptCount: 0,
          dueAtMs: startMs,
          lastAnswer: "",
          isDelayNoticed: false,
          isHeld: false,
        });
        assert.deepEqual(await store.queue.counts(), { messages: 1, recipients: 2 });
        const body = await store.blobs.read(entry.hash);
        assert.equal(Buffer.from(body).toString(), "queued");
      }));

    test("one lease holds the due recipients of one message and destination", () =>
      withStore(make, async (store) => {
        const id = await enqueue(store, ["a@x.example", "b@y.example", "c@x.example"]);
        const leases = await lease(store, startMs);
        assert.deepEqual(
          leases.map(({ entry, recipients }) => [
            entry.id,
            recipients.map((recipient) => recipient.address),
          ]),
          [
            [id, ["a@x.example", "c@x.example"]],
            [id, ["b@y.example"]],
          ],
        );
        assert.equal(leases[0]?.untilMs, startMs + 100);
        assert.equal(leases[0]?.entry.recipients.length, 3);
        assert.deepEqual(await lease(store, startMs), []);
      }));

    test("what is not due, held, or of a busy destination is not leased", () =>
      withStore(make, async (store) => {
        await enqueue(store, ["a@later.example"], startMs + 1);
        const held = await enqueue(store, ["a@held.example"]);
        await enqueue(store, ["a@busy.example"]);
        await apply(store, { kind: "queue.hold", queue: held, isHeld: true });
        assert.deepEqual(await lease(store, startMs, ["busy.example"]), []);
        assert.equal((await lease(store, startMs)).length, 1);
        assert.equal((await lease(store, startMs + 1)).length, 1);
        await apply(store, { kind: "queue.hold", queue: held, isHeld: false });
        assert.equal((await lease(store, startMs + 1)).length, 1);
      }));

    test("the oldest due goes first, up to the limit", () =>
      withStore(make, async (store) => {
        const late = await enqueue(store, ["a@x.example"], startMs + 2);
        const early = await enqueue(store, ["a@x.example"], startMs + 1);
        const options = { nowMs: startMs + 9, leaseMs: 100, skipDestinations: [] };
        const ids = async () =>
          (await store.queue.lease({ ...options, limit: 1 })).map((one) => one.entry.id);
        assert.deepEqual(await ids(), [early]);
        assert.deepEqual(await ids(), [late]);
        assert.deepEqual(await store.queue.lease({ ...options, limit: 0 }), []);
      }));

    test("a lease that ran out is given again under a higher number", () =>
      withStore(make, async (store) => {
        const id = await enqueue(store, ["a@x.example"]);
        const [first] = await lease(store, startMs);
        assert.deepEqual(await lease(store, startMs + 99), []);
        const [second] = await lease(store, startMs + 100);
        assert.ok(first !== undefined && second !== undefined);
        assert.ok(second.lease > first.lease);
        const settleFirst = settle(store, id, first.lease, { kind: "done" });
        await assertRefused(settleFirst, "conflict");
        await settle(store, id, second.lease, { kind: "done" });
        assert.equal(await store.queue.find(id), undefined);
      }));

    test("a lease that ran out but was not given again can still be settled", () =>
      withStore(make, async (store) => {
        const id = await enqueue(store, ["a@x.example"]);
        const [first] = await lease(store, startMs);
        await settle(store, id, first?.lease ?? 0, { kind: "done" });
        assert.deepEqual(await store.queue.counts(), { messages: 0, recipients: 0 });
      }));

    test("a recipient cannot be settled twice, nor without a lease", () =>
      withStore(make, async (store) => {
        const id = await enqueue(store, ["a@x.example", "b@x.example"]);
        await assertRefused(settle(store, id, 0, { kind: "done" }), "conflict");
        const [taken] = await lease(store, startMs);
        const number = taken?.lease ?? 0;
        await settle(store, id, number, { kind: "done" });
        await assertRefused(settle(store, id, number, { kind: "done" }), "conflict");
        await assertRefused(settle(store, queueId(99), number, { kind: "done" }), "conflict");
        assert.deepEqual(await store.queue.counts(), { messages: 1, recipients: 1 });
      }));

    test("a retry counts an attempt, a release does not", () =>
      withStore(make, async (store) => {
        const id = await enqueue(store, ["a@x.example"]);
        const [first] = await lease(store, startMs);
        await settle(store, id, first?.lease ?? 0, { kind: "release", dueAtMs: startMs + 5 });
        const [second] = await lease(store, startMs + 5);
        assert.equal(second?.recipients[0]?.attemptCount, 0);
        await settle(store, id, second?.lease ?? 0, {
          kind: "retry",
          dueAtMs: startMs + 50,
          lastAnswer: "451 later",
          isDelayNoticed: true,
        });
        assert.deepEqual(await lease(store, startMs + 49), []);
        const recipient = (await store.queue.find(id))?.recipients[0];
        assert.equal(recipient?.attemptCount, 1);
        assert.equal(recipient?.lastAnswer, "451 later");
        assert.equal(recipient?.isDelayNoticed, true);
        assert.equal(recipient?.dueAtMs, startMs + 50);
      }));

    test("the next due time leaves out what is held and waits for the end of leases", () =>
      withStore(make, async (store) => {
        assert.equal(await store.queue.nextDueAtMs(), undefined);
        const held = await enqueue(store, ["a@x.example"], startMs - 5);
        await apply(store, { kind: "queue.hold", queue: held, isHeld: true });
        assert.equal(await store.queue.nextDueAtMs(), undefined);
        await enqueue(store, ["a@x.example"], startMs + 7);
        assert.equal(await store.queue.nextDueAtMs(), startMs + 7);
        await lease(store, startMs + 7);
        assert.equal(await store.queue.nextDueAtMs(), startMs + 107);
      }));

    test("by hand a message becomes due, or is removed with its leases", () =>
      withStore(make, async (store) => {
        const id = await enqueue(store, ["a@x.example", "b@y.example"], startMs + 1000);
        await apply(store, { kind: "queue.retryAt", queue: id, dueAtMs: startMs });
        const [taken] = await lease(store, startMs);
        await apply(store, { kind: "queue.retryAt", queue: id, dueAtMs: startMs + 1 });
        assert.deepEqual(await lease(store, startMs + 2), []);
        await apply(store, { kind: "queue.remove", queue: id });
        assert.equal(await store.queue.find(id), undefined);
        const number = taken?.lease ?? 0;
        await assertRefused(settle(store, id, number, { kind: "done" }), "conflict");
        await assertRefused(apply(store, { kind: "queue.remove", queue: id }), "conflict");
      }));

    test("the queue is listed in pages", () =>
      withStore(make, async (store) => {
        const ids = [];
        for (let n = 0; n < 4; n++) ids.push(await enqueue(store, ["a@x.example"]));
        const list = async (options: Parameters<Store["queue"]["list"]>[0]) =>
          (await store.queue.list(options)).map((entry) => entry.id);
        assert.deepEqual(await list({}), ids);
        assert.deepEqual(await list({ limit: 2 }), ids.slice(0, 2));
        assert.deepEqual(await list({ after: queueId(2), limit: 9 }), ids.slice(2));
      }));

    test("a message needs a recipient", () =>
      withStore(make, async (store) => {
        await assertRefused(enqueue(store, []), "syntax");
      }));

    test("after a crash the queue is whole and nothing stays leased", () =>
      withStore(make, async (store, { crash }) => {
        if (crash === undefined) return;
        const id = await enqueue(store, ["a@x.example"]);
        const [before] = await lease(store, startMs);
        const reopened = await crash();
        try {
          const [after] = await lease(reopened.store, startMs);
          assert.equal(after?.entry.id, id);
          assert.ok((after?.lease ?? 0) > (before?.lease ?? 0));
        } finally {
          await reopened.close();
        }
      }));
  });
}

async function enqueue(store: Store, addresses: readonly string[], dueAtMs = startMs) {
  const recipients = addresses.map((address): NewQueueRecipient => ({
    address,
    destination: address.slice(address.indexOf("@") + 1),
    notify: ["failure", "delay"],
    originalRecipient: `rfc822;${address.slice(0, 1)}`,
  }));
  const blob = smallBlob("queued");
  const applied = await apply(store, { kind: "queue.add", message, blob, recipients, dueAtMs });
  return resultOf(applied, 0, "queue.add").queue;
}

function lease(store: Store, nowMs: number, skipDestinations: readonly string[] = []) {
  return store.queue.lease({ nowMs, leaseMs: 100, limit: 10, skipDestinations });
}

function settle(store: Store, queue: QueueId, lease: number, outcome: QueueOutcome) {
  return apply(store, { kind: "queue.settle", queue, recipient: 0, lease, outcome });
}
