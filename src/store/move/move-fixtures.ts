import fc from "fast-check";
import { Refusal } from "../../base/faults.ts";
import { type AccountId, accountId, journeyId, messageId, modSeq } from "../../base/ids.ts";
import type { Batch, Change } from "../batch.ts";
import { arbitraryBatches } from "../contract-batches.ts";
import { add, inbox, makeAccount, smallBlob, startMs } from "../contract-fixtures.ts";
import { readView } from "../contract-view.ts";
import type { Maintenance } from "../maintenance.ts";
import type { Lease } from "../queue.ts";
import type { Store } from "../store.ts";

/** A store with its housekeeping, which a move must not disturb. */
export type MovedStore = Store & Maintenance;

/** Something that happens to a store. */
export type Step =
  | { readonly kind: "batch"; readonly batch: Batch }
  | { readonly kind: "large"; readonly account: AccountId; readonly text: string }
  | { readonly kind: "lease"; readonly afterMs: number; readonly limit: number }
  | { readonly kind: "settle"; readonly isDone: boolean }
  | { readonly kind: "keyed"; readonly key: string; readonly value: string | undefined }
  | { readonly kind: "maintain"; readonly afterDays: number }
  | { readonly kind: "increment"; readonly key: string; readonly by: number };

const keys = ["grey ana", "grey Ž", "rate"];
const journeys = ["one", "two", "three"].map((name) => journeyId(name.padEnd(20, "-")));
const addresses = ["ana@example.org", "Boris@example.org", "c@x.example"];

/** What the first accounts of a store that `play` was given have as numbers. */
const accounts = [accountId(1), accountId(2), accountId(3)];

/** Random steps over all that a store keeps. */
export const arbitraryHistory: fc.Arbitrary<readonly Step[]> = fc
  .tuple(arbitraryBatches(accounts), fc.array(arbitraryStep(), { maxLength: 12 }))
  .map(([batches, steps]) => [...steps, ...batches.map(asStep), ...steps.toReversed()]);

function asStep(batch: Batch): Step {
  return { kind: "batch", batch };
}

function arbitraryStep(): fc.Arbitrary<Step> {
  const change = fc.oneof(arbitraryDirectoryChange(), arbitraryQueueChange(), arbitraryJourney());
  const batch = fc.record({
    actor: fc.constant("cli"),
    atMs: fc.integer({ min: startMs, max: startMs + 1000 }),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  });
  const key = fc.constantFrom(...keys);
  return fc.oneof(
    { weight: 6, arbitrary: batch.map(asStep) },
    fc.record({
      kind: fc.constant("large" as const),
      account: fc.constantFrom(...accounts),
      text: fc.constantFrom("a large body".repeat(20), "ž".repeat(300_000)),
    }),
    fc.record({
      kind: fc.constant("lease" as const),
      afterMs: fc.integer({ min: 0, max: 1000 }),
      limit: fc.integer({ min: 1, max: 2 }),
    }),
    fc.record({ kind: fc.constant("settle" as const), isDone: fc.boolean() }),
    fc.record({ kind: fc.constant("maintain" as const), afterDays: fc.constantFrom(2, 40) }),
    fc.record({
      kind: fc.constant("keyed" as const),
      key,
      value: fc.constantFrom("1", "text", undefined),
    }),
    fc.record({
      kind: fc.constant("increment" as const),
      key: fc.constant("count"),
      by: fc.nat(3),
    }),
  );
}

function arbitraryDirectoryChange(): fc.Arbitrary<Change> {
  const account = fc.constantFrom(...accounts);
  const mailboxes = [{ name: "INBOX" }, { name: "Sent", role: "sent" as const }];
  return fc.oneof(
    fc.record({
      kind: fc.constant("directory.aliasPut" as const),
      address: fc.constantFrom("info@example.org", "@example.org"),
      targets: fc.array(fc.constantFrom(...addresses), { minLength: 1, maxLength: 2 }),
    }),
    fc.constant({ kind: "directory.aliasRemove", address: "info@example.org" } as const),
    fc
      .constantFrom("č.example", "x.example")
      .map((name) => ({ kind: "directory.domainAdd", name }) as const),
    fc.record({
      kind: fc.constant("directory.accountUpdate" as const),
      account,
      isEnabled: fc.boolean(),
      quotaBytes: fc.constantFrom(0, 1_000_000),
    }),
    account.map((removed) => ({ kind: "directory.accountRemove", account: removed }) as const),
    fc.constant({
      kind: "directory.accountAdd",
      address: "dora@example.org",
      displayName: "Dóra",
      secret: "secret",
      quotaBytes: 0,
      mailboxes,
    } as const),
  );
}

function arbitraryQueueChange(): fc.Arbitrary<Change> {
  const recipient = fc.record({
    address: fc.constantFrom(...addresses),
    destination: fc.constantFrom("x.example", "example.org"),
    notify: fc.subarray(["success", "failure", "delay"] as const),
  });
  return fc
    .record({
      text: fc.constantFrom("hello", "queued", "another"),
      prefix: fc.uint8Array({ maxLength: 3 }),
      recipients: fc.array(recipient, { minLength: 1, maxLength: 3 }),
      afterMs: fc.integer({ min: 0, max: 500 }),
      journey: fc.constantFrom(...journeys),
    })
    .map(({ text, prefix, recipients, afterMs, journey }) => ({
      kind: "queue.add",
      message: {
        sender: "ana@example.org",
        returnContent: "full",
        needsSmtpUtf8: true,
        bodyKind: "8bitmime",
        prefix,
        expiresAtMs: startMs + 10_000,
        journey,
      },
      blob: smallBlob(text),
      recipients,
      dueAtMs: startMs + afterMs,
    }));
}

function arbitraryJourney(): fc.Arbitrary<Change> {
  return fc.record(
    {
      kind: fc.constant("journey.append" as const),
      journey: fc.constantFrom(...journeys),
      steps: fc.array(
        fc.record({
          atMs: fc.constant(startMs),
          kind: fc.constantFrom("smtp.connected", "delivery.stored"),
          facts: fc.constant({ address: "192.0.2.1", count: 2, isSeen: true, all: ["a", "b"] }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      messageIdHeader: fc.constantFrom("m@example.org", "n@example.org"),
      addresses: fc.subarray(addresses),
    },
    { requiredKeys: ["kind", "journey", "steps"] },
  );
}

/** Makes the accounts that the steps are about. */
export async function makeAccounts(store: Store): Promise<void> {
  for (const [name, quotaBytes] of [["ana", 0] as const, ["boris", 40] as const]) {
    await makeAccount(store, name, quotaBytes);
  }
  await makeAccount(store, "cilka");
}

/** Lets steps happen and returns what the store said. */
export async function play(store: MovedStore, steps: readonly Step[]): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  const leases: Lease[] = [];
  for (const step of steps) {
    answers.push(
      await playOne(store, step, leases).catch((error: unknown) =>
        error instanceof Refusal ? error.message : error,
      ),
    );
  }
  return plain(answers);
}

async function playOne(store: MovedStore, step: Step, leases: Lease[]): Promise<unknown> {
  switch (step.kind) {
    case "batch":
      return store.apply(step.batch);
    case "large": {
      const change = add(step.account, inbox);
      const blob = await store.blobs.put([Buffer.from(step.text)]);
      const changes = [{ ...change, message: { ...change.message, blob } }];
      return store.apply({ actor: "smtp", atMs: startMs, changes });
    }
    case "lease": {
      const nowMs = startMs + step.afterMs;
      const { limit } = step;
      const taken = await store.queue.lease({ nowMs, leaseMs: 100, limit, skipDestinations: [] });
      leases.push(...taken);
      return taken;
    }
    case "settle": {
      const lease = leases.pop();
      if (lease === undefined) return undefined;
      const outcome = step.isDone
        ? ({ kind: "done" } as const)
        : ({
            kind: "retry",
            dueAtMs: startMs + 900,
            lastAnswer: "450 ž",
            isDelayNoticed: true,
          } as const);
      const changes = lease.recipients.map(
        ({ queue, recipient }) =>
          ({ kind: "queue.settle", queue, recipient, lease: lease.lease, outcome }) as const,
      );
      return store.apply({ actor: "queue", atMs: startMs, changes });
    }
    case "maintain":
      for (let round = 0; round < 50; round++) {
        const nowMs = startMs + step.afterDays * 86_400_000;
        if ((await store.maintain(nowMs, 1000)).isIdle) break;
      }
      return undefined;
    case "keyed":
      if (step.value === undefined) return store.keyed.remove(step.key);
      return store.keyed.set(step.key, step.value, startMs + 5000);
    case "increment":
      return store.keyed.increment(step.key, step.by, startMs, startMs + 10_000);
  }
}

/** Everything that the reads of a store tell, as plain data. */
export async function readAll(store: Store): Promise<unknown> {
  const told: unknown[] = [
    await store.directory.domains(),
    await store.directory.accounts(),
    await store.directory.aliases(),
    await store.directory.revision(),
    await store.queue.list(),
    await store.queue.counts(),
    await store.queue.nextDueAtMs(),
  ];
  for (const { id } of await store.directory.accounts()) told.push(await readAccount(store, id));
  for (const handle of [...journeys, ...addresses, "m@example.org", "<n@example.org>"]) {
    told.push(await store.journeys.find(handle, 10), await store.journeys.find(handle, 1));
  }
  for (const key of [...keys, "count"]) {
    for (const afterMs of [0, 6000, 20_000]) {
      told.push(await store.keyed.get(key, startMs + afterMs));
    }
  }
  for (const { hash } of await store.queue.list()) told.push(await store.blobs.read(hash));
  return plain(told);
}

async function readAccount(store: Store, account: AccountId): Promise<unknown> {
  const ids = Array.from({ length: 60 }, (_, index) => messageId(index + 1));
  const messages = await store.mail.messages(account, ids, [
    "envelope",
    "bodyStructure",
    "structure",
    "preview",
    "body",
    "thread",
    "messageIdHeader",
    "references",
    "sentAtMs",
    "baseSubject",
    "hasAttachment",
    "journey",
    "search",
  ]);
  const bodies = [];
  for (const message of messages) {
    if (message !== undefined) bodies.push(await store.blobs.read(message.body.hash));
  }
  return {
    state: await store.mail.account(account),
    mailboxes: await store.mail.mailboxes(account),
    subscriptions: await store.mail.subscriptions(account),
    view: await readView(store, account),
    log: await store.mail.changes(account, modSeq(0)),
    messages,
    bodies,
  };
}

/** Plain data without the differences that mean nothing: kinds of byte arrays, absent fields. */
function plain<Value>(value: Value): Value;
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) return plain([...value]);
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== "object" || value === null || value instanceof Error) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}
