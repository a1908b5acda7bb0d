import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type MakeStore, startMs, withStore } from "./contract-fixtures.ts";

/** What every engine promises about small state with an expiry. */
export function describeKeyedContract(name: string, make: MakeStore): void {
  describe(`${name}: keyed state`, () => {
    test("a value is there until it expires, is replaced or removed", () =>
      withStore(make, async ({ keyed }) => {
        assert.equal(await keyed.get("a", startMs), undefined);
        await keyed.set("a", "1", startMs + 10);
        assert.equal(await keyed.get("a", startMs + 9), "1");
        assert.equal(await keyed.get("a", startMs + 10), undefined);
        await keyed.set("a", "2", startMs + 20);
        assert.equal(await keyed.get("a", startMs + 10), "2");
        await keyed.remove("a");
        assert.equal(await keyed.get("a", startMs), undefined);
        await keyed.remove("a");
      }));

    test("a counter adds up and keeps its first expiry", () =>
      withStore(make, async ({ keyed }) => {
        assert.equal(await keyed.increment("n", 2, startMs, startMs + 10), 2);
        assert.equal(await keyed.increment("n", 3, startMs + 5, startMs + 50), 5);
        assert.equal(await keyed.get("n", startMs + 5), "5");
        assert.equal(await keyed.increment("n", 1, startMs + 10, startMs + 50), 1);
        assert.equal(await keyed.get("n", startMs + 49), "1");
      }));

    test("increments at the same time are all counted", () =>
      withStore(make, async ({ keyed }) => {
        const sums = await Promise.all(
          Array.from({ length: 20 }, () => keyed.increment("n", 1, startMs, startMs + 10)),
        );
        assert.equal(Math.max(...sums), 20);
      }));

    test("housekeeping takes away what expired and nothing else", () =>
      withStore(make, async ({ keyed, maintain }) => {
        await keyed.set("old", "1", startMs + 10);
        await keyed.set("new", "2", startMs + 1000);
        const { freedCount } = await maintain(startMs + 500, 1000);
        assert.equal(freedCount, 1);
        assert.equal(await keyed.get("new", startMs + 500), "2");
        assert.equal(await keyed.get("old", startMs), undefined);
      }));
  });
}
