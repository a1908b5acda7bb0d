import assert from "node:assert/strict";
import { test } from "node:test";
import type { Applied, Batch } from "../../store/batch.ts";
import type { MemoryStore } from "../../store/memory/create-memory-store.ts";
import { runSeed } from "../run-seed.ts";
import { smallPlan } from "../small-plan.ts";

/** Each store breaks one promise; the whole run around it is the usual one. */

test("a store that acknowledges mail and drops it is found", async () => {
  await finds("acknowledged mail is kept", (store) => {
    let count = 0;
    return async (batch) => {
      const isMail = batch.actor.startsWith("smtp") && hasKind(batch, "mail.messageAdd");
      return isMail && ++count === 3 ? nothingOf() : store.apply(batch);
    };
  });
});

test("a store that loses what it acknowledged in a crash is found", async () => {
  const crashing = { ...smallPlan, crashes: 4, mxLetters: 25 };
  const late: (() => void)[] = [];
  const found = await runSeed(4, {
    plan: crashing,
    wrapStore: (store) => ({
      ...store,
      // Said to be done at once, written minutes later.
      apply: async (batch) => {
        if (!hasKind(batch, "mail.messageAdd") || !batch.actor.startsWith("smtp")) {
          return store.apply(batch);
        }
        late.push(() => void store.apply(batch).catch(() => undefined));
        if (late.length > 4) late.shift()?.();
        return nothingOf();
      },
    }),
  });
  assert.ok(names(found.breaches).has("acknowledged mail is kept"));
});

test("a store that delivers twice is found", async () => {
  await finds("nothing is delivered twice", (store) => async (batch) => {
    if (batch.actor.startsWith("smtp") && hasKind(batch, "mail.messageAdd"))
      await store.apply(batch);
    return store.apply(batch);
  });
});

test("a store that forgets that a queued recipient is done is found", async () => {
  await finds("nothing is delivered twice", (store) => {
    let count = 0;
    return async (batch) => {
      const isDone = batch.changes.some(
        (change) => change.kind === "queue.settle" && change.outcome.kind === "done",
      );
      return isDone && ++count <= 3 ? nothingOf() : store.apply(batch);
    };
  });
});

test("a store that adds flags where they were to be taken away is found", async () => {
  await finds("acknowledged changes are kept", (store) => async (batch) => {
    const changes = batch.changes.map((change) =>
      change.kind === "mail.flagsSet" ? { ...change, mode: "add" as const } : change,
    );
    return store.apply({ ...batch, changes });
  });
});

test("a store that loses a bounce is found", async () => {
  await finds("every queued recipient is delivered or bounced", (store) => async (batch) => {
    const changes = batch.changes.filter(
      ({ kind }) => batch.actor !== "queue" || (kind !== "mail.messageAdd" && kind !== "queue.add"),
    );
    return store.apply({ ...batch, changes });
  });
});

type Apply = (batch: Batch) => Promise<Applied>;

async function finds(invariant: string, plant: (store: MemoryStore) => Apply): Promise<void> {
  const { breaches } = await runSeed(25, {
    plan: smallPlan,
    wrapStore: (store) => ({ ...store, apply: plant(store) }),
  });
  assert.ok(names(breaches).has(invariant), `found only: ${[...names(breaches)].join(", ")}`);
}

function names(breaches: readonly { readonly invariant: string }[]): ReadonlySet<string> {
  return new Set(breaches.map(({ invariant }) => invariant));
}

function hasKind({ changes }: Batch, kind: Batch["changes"][number]["kind"]): boolean {
  return changes.some((change) => change.kind === kind);
}

function nothingOf(): Applied {
  return { isRepeated: false, results: [], modSeqs: new Map() };
}
