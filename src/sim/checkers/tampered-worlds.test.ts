import assert from "node:assert/strict";
import { test } from "node:test";
import { modSeq, uid } from "../../base/ids.ts";
import type { MemoryAccount } from "../../store/memory/memory-disk.ts";
import { flagBits } from "../../store/mail-changes.ts";
import { findBreaches, runWorld } from "../run-seed.ts";
import { smallPlan } from "../small-plan.ts";
import { Ledger } from "../world/ledger.ts";
import { allCheckers } from "./all-checkers.ts";
import type { FinishedWorld } from "./checker.ts";
import { readStored } from "./stored.ts";

/** What is done to a good world's end, and who must notice. */
const tamperings: readonly (readonly [string, (world: FinishedWorld) => void])[] = [
  ["acknowledged mail is kept", ({ disk }) => turnBodies(disk.blobs)],
  [
    "nothing is delivered twice",
    ({ ledger }) => void ledger.remoteArrivals.push(...ledger.remoteArrivals),
  ],
  ["nothing is removed unasked", ({ ledger }) => ledger.deletedWishes.clear()],
  ["nothing is removed unasked", ({ ledger }) => ledger.popDeletions.clear()],
  [
    "every queued recipient is delivered or bounced",
    ({ ledger }) => void ledger.remoteArrivals.splice(0),
  ],
  ["notices go to senders only", ({ ledger }) => makeSendersNull(ledger)],
  [
    "UIDs and mod-sequences rise and are never reused",
    ({ disk }) => change(disk.accounts.values(), (account) => void account.log.reverse()),
  ],
  [
    "UIDs and mod-sequences rise and are never reused",
    ({ ledger }) => {
      const [first] = ledger.sightings;
      if (first !== undefined) ledger.sightings.push({ ...first, token: "another" });
    },
  ],
  ["the log makes the state", ({ disk }) => change(disk.accounts.values(), forgetFlags)],
  [
    "quota usage equals a recount",
    ({ disk }) =>
      change(disk.accounts.values(), (account) => {
        account.record = { ...account.record, usedBytes: account.record.usedBytes + 1 };
      }),
  ],
  ["bodies are counted", ({ disk }) => change(disk.blobs.values(), (blob) => void blob.refCount++)],
  ["acknowledged changes are kept", ({ ledger }) => wishForMore(ledger)],
  [
    "clients see what the store holds",
    ({ ledger }) => {
      const views = ledger.finalViews.splice(0);
      ledger.finalViews.push(...views.map((view) => ({ ...view, messages: [] })));
    },
  ],
  ["every accepted message has its journey", ({ disk }) => disk.journeys.clear()],
  ["nobody complains", ({ ledger }) => ledger.complain("somebody", "something")],
];

test("every invariant is noticed when it does not hold, and none when all do", async () => {
  const { world } = await runWorld(25, { plan: smallPlan });
  assert.deepEqual(findBreaches(world), []);
  for (const [invariant, tamper] of tamperings) {
    const copy = copyOf(world);
    tamper(copy);
    const found = findBreaches({ ...copy, stored: readStored(copy.disk) });
    const names = found.map((breach) => breach.invariant);
    assert.ok(names.includes(invariant), `${invariant}: found ${[...new Set(names)].join(", ")}`);
  }
  const tampered = new Set(tamperings.map(([invariant]) => invariant));
  assert.deepEqual([...tampered].sort(), allCheckers.map(({ name }) => name).sort());
});

function copyOf({ disk, ledger, stored }: FinishedWorld): FinishedWorld {
  return {
    disk: structuredClone(disk),
    ledger: Object.assign(new Ledger(), structuredClone({ ...ledger })),
    stored,
  };
}

function change<Value>(values: Iterable<Value>, by: (value: Value) => void): void {
  for (const value of values) by(value);
}

function turnBodies(blobs: FinishedWorld["disk"]["blobs"]): void {
  for (const [hash, blob] of blobs) {
    const bytes = Uint8Array.from(blob.bytes);
    bytes[bytes.length - 1] = 0;
    blobs.set(hash, { ...blob, bytes });
  }
}

function makeSendersNull(ledger: Ledger): void {
  for (const [token, sending] of ledger.sendings)
    ledger.sendings.set(token, { ...sending, sender: "" });
}

function forgetFlags({ mailboxes }: MemoryAccount): void {
  for (const mailbox of mailboxes.values()) {
    mailbox.copies = mailbox.copies.map((copy) => ({
      ...copy,
      uid: uid(copy.uid),
      modSeq: modSeq(copy.modSeq),
      flags: { system: copy.flags.system ^ flagBits.draft, keywords: [] },
    }));
  }
}

function wishForMore({ flagWishes }: Ledger): void {
  const wishes = flagWishes.splice(0);
  flagWishes.push(...wishes.map((wish) => ({ ...wish, mode: "+" as const, flags: ["never-set"] })));
}
