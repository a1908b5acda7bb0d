import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { modSeq, seqNo, uid } from "../../base/ids.ts";
import { noFlags } from "../flags.ts";
import { createMailFixture, shortMessage } from "../mail-fixture.ts";
import type { MailFixture } from "../mail-fixture.ts";
import type { View, ViewChanges } from "../view.ts";

/** What a session believes, kept the slow and obvious way. */
interface Naive {
  readonly view: View;
  uids: number[];
  flags: Map<number, number>;
}

const facts = {
  structure: "",
  envelope: "",
  bodyStructure: "",
  preview: "",
  messageIdHeader: "",
  references: [],
  baseSubject: "",
  sentAtMs: 0,
  hasAttachment: false,
  searchHeaders: "",
  searchBody: "",
};

async function addMany(fixture: MailFixture, count: number): Promise<void> {
  const { store, account, inbox: mailbox } = fixture;
  const blob = await store.blobs.put([shortMessage("x")]);
  const message = { blob, prefix: new Uint8Array(0), facts };
  const kind = "mail.messageAdd" as const;
  const one = { kind, account, mailbox, message, flags: noFlags, internalDateMs: 0 };
  const changes = Array.from({ length: count }, () => ({ ...one, enforceQuota: false }));
  await store.apply({ actor: "test", atMs: 0, changes });
}

function check(naive: Naive): void {
  const { view, uids, flags } = naive;
  assert.equal(view.count, uids.length);
  const all = view.allRows();
  assert.deepEqual(
    [...all].map((row) => view.columns.uids[row]),
    uids,
  );
  uids.forEach((value, at) => {
    const row = view.rowOfSeq(seqNo(at + 1));
    assert.equal(row, all[at]);
    assert.equal(view.rowOfUid(uid(value)), row);
    assert.equal(view.seqOfRow(row ?? -1), at + 1);
    assert.equal(view.columns.systemFlags[row ?? -1], flags.get(value));
  });
  assert.equal(view.rowOfSeq(seqNo(uids.length + 1)), undefined);
  assert.equal(view.rowOfUid(uid((uids.at(-1) ?? 0) + 1000)), undefined);
  assert.deepEqual([...view.rowsByUid([[uids[0] ?? 1, Infinity]])], [...all]);
  assert.deepEqual(
    [
      ...view.rowsBySeq([
        [2, 3],
        [1, 2],
      ]),
    ],
    [...all.slice(0, 3)],
  );
}

/** Does to the naive session what a client does with the answers. */
function follow(naive: Naive, changes: ViewChanges): void {
  const { view, uids, flags } = naive;
  const expunged = changes.expungedSeqs.map((seq) => uids.splice(seq - 1, 1)[0] ?? 0);
  const told = changes.expungedUids.flatMap(([first, last]) =>
    expunged.filter((value) => value >= first && value <= last),
  );
  assert.deepEqual(new Set(told), new Set(expunged));
  if (changes.exists !== undefined) {
    for (let seq = uids.length + 1; seq <= changes.exists; seq++) {
      const row = view.rowOfSeq(seqNo(seq)) ?? -1;
      const value = view.columns.uids[row] ?? 0;
      uids.push(value);
      flags.set(value, view.columns.systemFlags[row] ?? 0);
    }
  }
  for (const row of changes.flaggedRows) {
    flags.set(view.columns.uids[row] ?? 0, view.columns.systemFlags[row] ?? 0);
  }
}

const act = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("expunge" as const), at: fc.nat(60), count: fc.nat(30) }),
  fc.record({ kind: fc.constant("flag" as const), at: fc.nat(60), bits: fc.nat(31) }),
  fc.record({ kind: fc.constant("sync" as const), who: fc.nat(3), expunge: fc.boolean() }),
  fc.record({ kind: fc.constant("open" as const) }),
  fc.record({ kind: fc.constant("close" as const), who: fc.nat(3) }),
);

test("whatever happens in whatever order, each session's answers add up to the mailbox", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
      await using fixture = await createMailFixture();
      const { mail, inbox } = fixture;
      const sessions: Naive[] = [];
      const ranges = (at: number, count: number) => [[uid(at + 1), uid(at + 1 + count)] as const];
      for (const step of acts) {
        if (step.kind === "add") await addMany(fixture, step.count);
        else if (step.kind === "expunge") {
          await mail.expunge(inbox, ranges(step.at, step.count), false);
        } else if (step.kind === "flag") {
          const flags = { system: step.bits, keywords: [] };
          await mail.setFlags(inbox, ranges(step.at, 5), "replace", flags);
        } else if (step.kind === "open") {
          const naive: Naive = { view: await mail.openView(inbox), uids: [], flags: new Map() };
          for (const row of naive.view.allRows()) {
            const value = naive.view.columns.uids[row] ?? 0;
            naive.uids.push(value);
            naive.flags.set(value, naive.view.columns.systemFlags[row] ?? 0);
          }
          sessions.push(naive);
        } else {
          const at = step.who % Math.max(sessions.length, 1);
          const naive = sessions[at];
          if (naive === undefined) continue;
          if (step.kind === "close") {
            naive.view.close();
            sessions.splice(at, 1);
          } else {
            follow(naive, naive.view.sync({ expunge: step.expunge }));
            check(naive);
          }
        }
      }
      const truth = await fixture.store.mail.loadMailbox(fixture.account, inbox);
      for (const naive of sessions) {
        follow(naive, naive.view.sync({ expunge: true }));
        check(naive);
        assert.deepEqual(naive.uids, [...truth.uids]);
        assert.deepEqual(
          naive.uids.map((value) => naive.flags.get(value)),
          [...truth.systemFlags],
        );
        const row = { ...naive.view.mailbox };
        assert.deepEqual(row, truth.mailbox);
      }
    }),
    { numRuns: 60 },
  );
});

test("rows stay where they are until the session's own sync, whoever compacts meanwhile", async () => {
  await using fixture = await createMailFixture();
  const { mail, inbox } = fixture;
  await addMany(fixture, 100);
  const slow = await mail.openView(inbox);
  const quick = await mail.openView(inbox);
  await mail.expunge(inbox, [[uid(1), uid(80)]], false);
  quick.sync({ expunge: true });
  await mail.expunge(inbox, [[uid(81), uid(85)]], false);
  assert.equal(quick.sync({ expunge: true }).expungedSeqs.length, 5);
  await mail.setFlags(inbox, [[uid(100), uid(100)]], "add", { system: 1, keywords: [] });
  assert.equal(slow.columns.uids[99], 100);
  assert.equal(slow.columns.systemFlags[99], 1);
  assert.equal(quick.columns.uids[quick.rowOfUid(uid(100)) ?? -1], 100);
  assert.deepEqual(slow.sync({ expunge: false }).expungedSeqs, []);
  assert.equal(slow.count, 100);
  assert.deepEqual(slow.sync({ expunge: true }).expungedUids, [[1, 85]]);
  assert.equal(slow.columns, quick.columns, "both are on the same, short sheet now");
  assert.equal(slow.columns.uids[slow.rowOfSeq(seqNo(1)) ?? -1], 86);
});

test("what vanished since an entry of the log is what was expunged, and nothing that is there", async () => {
  await using fixture = await createMailFixture();
  const { mail, inbox } = fixture;
  await addMany(fixture, 10);
  const since = (await mail.state()).modSeq;
  await mail.expunge(inbox, [[uid(2), uid(3)]], false);
  await mail.expunge(
    inbox,
    [
      [uid(4), uid(4)],
      [uid(9), uid(9)],
    ],
    false,
  );
  const view = await mail.openView(inbox);
  assert.deepEqual(await view.vanishedSince(since), [
    [2, 4],
    [9, 9],
  ]);
  assert.deepEqual(await view.vanishedSince(view.asOf), []);
  await mail.expunge(inbox, [[uid(1), uid(1)]], false);
  assert.deepEqual(
    await view.vanishedSince(modSeq(0)),
    [
      [2, 4],
      [9, 9],
    ],
    "not what it still sees",
  );
});

test("a session adds little to a mailbox that is open already", async () => {
  await using fixture = await createMailFixture();
  await addMany(fixture, 5000);
  const first = await fixture.mail.openView(fixture.inbox);
  const second = await fixture.mail.openView(fixture.inbox);
  assert.equal(first.columns, second.columns);
});

test("lost hints only delay: the log fills the gap", async () => {
  await using fixture = await createMailFixture();
  const { store, account, inbox, mail, clock } = fixture;
  const deaf = { ...store, feed: { ...store.feed, watch: () => ({ [Symbol.dispose]() {} }) } };
  const { createMailService } = await import("../mail-service.ts");
  const service = createMailService({ store: deaf, clock, log: { write: () => undefined } });
  const view = await service.open(account, "deaf").openView(inbox);
  await addMany(fixture, 3);
  await mail.expunge(inbox, [[uid(2), uid(2)]], false);
  assert.equal(view.sync({ expunge: true }).exists, undefined);
  await service.open(account, "deaf").setFlags(inbox, [[uid(1), uid(1)]], "add", noFlags);
  await service.open(account, "deaf").subscribe("x", true);
  assert.equal(view.sync({ expunge: true }).exists, 2);
  service.close();
});
