import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type JourneyId, journeyId } from "../base/ids.ts";
import { type MakeStore, apply, startMs, withStore } from "./contract-fixtures.ts";
import type { JourneyChange, JourneyStep } from "./journeys.ts";
import type { Store } from "./store.ts";

const one = journeyId("one-0000000000000000");
const two = journeyId("two-0000000000000000");

/** What every engine promises about the record of messages' ways. */
export function describeJourneyContract(name: string, make: MakeStore): void {
  describe(`${name}: journeys`, () => {
    test("a journey grows and is found by id, Message-ID and address", () =>
      withStore(make, async (store) => {
        await append(store, one, "smtp.connected", { addresses: ["Ana@example.org"] });
        await append(store, one, "delivery.stored", { messageIdHeader: "m@example.org" });
        await append(store, one, "imap.moved", { addresses: ["Ana@example.org"] });
        const expected = {
          journey: one,
          messageIdHeader: "m@example.org",
          addresses: ["Ana@example.org"],
          steps: ["smtp.connected", "delivery.stored", "imap.moved"].map(stepOf),
        };
        for (const handle of [one, "m@example.org", " <m@example.org> ", "ana@EXAMPLE.org"]) {
          assert.deepEqual(await store.journeys.find(handle, 10), [expected], handle);
        }
        assert.deepEqual(await store.journeys.find("nobody@example.org", 10), []);
        assert.deepEqual(await store.journeys.find("", 10), []);
      }));

    test("the newest comes first, up to the limit", () =>
      withStore(make, async (store) => {
        await append(store, one, "a.b", { addresses: ["ana@example.org"] });
        await append(store, two, "a.b", { addresses: ["ana@example.org"] });
        const found = async (limit: number) =>
          (await store.journeys.find("ana@example.org", limit)).map((row) => row.journey);
        assert.deepEqual(await found(10), [two, one]);
        assert.deepEqual(await found(1), [two]);
      }));

    test("a journey is forgotten some time after it ended", () =>
      withStore(make, async (store) => {
        await append(store, one, "a.b", { addresses: ["ana@example.org"] });
        await store.maintain(startMs + 30 * 86_400_000, 1000);
        assert.equal((await store.journeys.find(one, 1)).length, 1);
        await store.maintain(startMs + 400 * 86_400_000, 1000);
        assert.deepEqual(await store.journeys.find(one, 1), []);
        assert.deepEqual(await store.journeys.find("ana@example.org", 1), []);
      }));
  });
}

function stepOf(kind: string): JourneyStep {
  return { atMs: startMs, kind, facts: { count: 1, isTrue: true, list: ["a", "č"], text: "t" } };
}

function append(
  store: Store,
  journey: JourneyId,
  kind: string,
  handles: Pick<JourneyChange, "addresses" | "messageIdHeader">,
) {
  return apply(store, { kind: "journey.append", journey, steps: [stepOf(kind)], ...handles });
}
