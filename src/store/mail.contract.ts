import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AccountId, accountId, mailboxId, messageId, modSeq, uid } from "../base/ids.ts";
import {
  type MakeStore,
  add,
  addMessages,
  all,
  apply,
  archive,
  assertRefused,
  inbox,
  makeAccount,
  resultOf,
  startMs,
  uidsOf,
  withStore,
} from "./contract-fixtures.ts";
import { type Flags, type FlagsMode, type UidRange, flagBits } from "./mail-changes.ts";
import type { Store } from "./store.ts";

const only = (...uids: readonly number[]): readonly UidRange[] =>
  uids.map((number) => [uid(number), uid(number)]);

const { seen, deleted, flagged } = flagBits;

/** What every engine promises about messages in mailboxes. */
export function describeMailContract(name: string, make: MakeStore): void {
  describe(`${name}: messages`, () => {
    test("a message that was added is in its mailbox's columns", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const applied = await store.apply({
          actor: "test",
          atMs: startMs + 5,
          changes: [
            add(ana, inbox, {
              system: seen,
              keywords: ["b", "A"],
              internalDateMs: startMs - 1000.5,
            }),
          ],
        });
        const [row] = await store.mail.mailboxes(ana).then((rows) => rows.slice(1));
        assert.ok(row !== undefined);
        const result = resultOf(applied, 0, "mail.messageAdd");
        const { uidValidity } = row;
        const kind = "mail.messageAdd";
        assert.deepEqual(result, { kind, mailbox: inbox, uidValidity, uid: 1, message: 1 });
        const columns = await store.mail.loadMailbox(ana, inbox);
        assert.equal(columns.count, 1);
        assert.equal(columns.asOf, 2);
        assert.deepEqual(columns.mailbox, row);
        assert.deepEqual([...columns.uids], [1]);
        assert.deepEqual([...columns.messageIds], [1]);
        assert.deepEqual([...columns.systemFlags], [seen]);
        assert.deepEqual(columns.keywordSets[columns.keywordSet[0] ?? 0], ["A", "b"]);
        assert.deepEqual(columns.keywordSets[0], []);
        assert.deepEqual([...columns.modSeqs], [2]);
        assert.deepEqual([...columns.sizes], [5]);
        assert.deepEqual([...columns.internalDatesMs], [startMs - 1000.5]);
        assert.deepEqual([...columns.savedAtMs], [startMs + 5]);
        assert.equal(row.totalCount, 1);
        assert.equal(row.unseenCount, 0);
        assert.equal(row.sizeBytes, 5);
        assert.equal(row.modSeq, 2);
        assert.equal(row.uidNext, 2);
      }));

    test("UIDs rise and are not given again after an expunge or a failed batch", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 3);
        await expunge(store, ana, only(2, 3));
        const [next] = await addMessages(store, ana, 1);
        assert.equal(next?.uid, 4);
        assert.equal(next?.message, 4);
        assert.deepEqual(await uidsOf(store, ana), [1, 4]);
      }));

    test("an account counts a message once, however many copies it has", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store, "ana", 12);
        await addMessages(store, ana, 2);
        await copy(store, ana, all);
        await copy(store, ana, only(1));
        const state = await store.mail.account(ana);
        assert.equal(state.usedBytes, 10);
        assert.equal(state.messageCount, 2);
        await assertRefused(apply(store, add(ana, inbox)), "overQuota");
        await expunge(store, ana, only(1));
        assert.equal((await store.mail.account(ana)).usedBytes, 10);
        await expunge(store, ana, all, archive);
        assert.equal((await store.mail.account(ana)).usedBytes, 5);
        assert.equal((await store.mail.account(ana)).messageCount, 1);
        await apply(store, add(ana, inbox));
      }));

    test("a notice of our own is let in although the account is full", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store, "ana", 4);
        await assertRefused(apply(store, add(ana, inbox)), "overQuota");
        await apply(store, add(ana, inbox, { enforceQuota: false }));
        assert.equal((await store.mail.account(ana)).usedBytes, 5);
      }));

    test("the prefix counts in a message's size", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const change = add(ana, inbox);
        const message = { ...change.message, prefix: new Uint8Array([65, 58, 66]) };
        await apply(store, { ...change, message });
        assert.equal((await store.mail.account(ana)).usedBytes, 8);
        const [read] = await store.mail.messages(ana, [1].map(messageId), ["body"]);
        assert.deepEqual(Uint8Array.from(read?.body.prefix ?? []), message.prefix);
        assert.equal(read?.body.bodyBytes, 5);
        assert.equal(read?.body.hash, message.blob.hash);
      }));

    test("a copy keeps flags and internal date and gets a new UID and saved date", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await apply(
          store,
          add(ana, inbox, { system: flagged, keywords: ["$Junk"], internalDateMs: startMs - 9 }),
        );
        await apply(store, add(ana, archive));
        const applied = await store.apply({
          actor: "test",
          atMs: startMs + 7,
          changes: [
            { kind: "mail.messageCopy", account: ana, from: inbox, uids: all, to: archive },
          ],
        });
        const { map } = resultOf(applied, 0, "mail.messageCopy");
        assert.deepEqual(map, { from: [1], to: [2] });
        const columns = await store.mail.loadMailbox(ana, archive);
        assert.deepEqual([...columns.messageIds], [2, 1]);
        assert.equal(columns.systemFlags[1], flagged);
        assert.deepEqual(columns.keywordSets[columns.keywordSet[1] ?? 0], ["$Junk"]);
        assert.equal(columns.internalDatesMs[1], startMs - 9);
        assert.equal(columns.savedAtMs[1], startMs + 7);
      }));

    test("a flag on one copy does not reach another", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 1);
        await copy(store, ana, all);
        await flag(store, ana, all, "add", { system: deleted, keywords: [] });
        const columns = await store.mail.loadMailbox(ana, archive);
        assert.deepEqual([...columns.systemFlags], [0]);
      }));

    test("a move leaves one number in the log for both mailboxes", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 3);
        const applied = await apply(store, {
          kind: "mail.messageMove",
          account: ana,
          from: inbox,
          uids: only(1, 3),
          to: archive,
        });
        const { map } = resultOf(applied, 0, "mail.messageMove");
        assert.deepEqual(map, { from: [1, 3], to: [1, 2] });
        assert.deepEqual(await uidsOf(store, ana), [2]);
        assert.deepEqual(await uidsOf(store, ana, archive), [1, 2]);
        const entries = await store.mail.changes(ana, modSeq(4));
        assert.deepEqual(
          entries.map(({ modSeq: number, act }) => [number, act.kind]),
          [
            [5, "expunged"],
            [5, "added"],
          ],
        );
        assert.equal((await store.mail.account(ana)).messageCount, 3);
      }));

    test("a move within a mailbox gives new UIDs", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 2);
        await apply(store, {
          kind: "mail.messageMove",
          account: ana,
          from: inbox,
          uids: only(1),
          to: inbox,
        });
        assert.deepEqual(await uidsOf(store, ana), [2, 3]);
        const [, row] = await store.mail.mailboxes(ana);
        assert.equal(row?.totalCount, 2);
        assert.equal(row?.uidNext, 4);
      }));

    test("acts on messages that do not exist write nothing", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const before = await store.mail.account(ana);
        assert.deepEqual(await expunge(store, ana, all), []);
        await copy(store, ana, only(7));
        const result = await flag(store, ana, all, "add", { system: seen, keywords: [] });
        assert.deepEqual(result, { kind: "mail.flagsSet", set: [], modified: [] });
        assert.deepEqual(await store.mail.account(ana), before);
      }));

    test("flags are added, removed and replaced", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 1);
        const flags = async () => {
          const columns = await store.mail.loadMailbox(ana, inbox);
          return [columns.systemFlags[0], columns.keywordSets[columns.keywordSet[0] ?? 0]];
        };
        await flag(store, ana, all, "add", { system: seen, keywords: ["$Work", "$alpha"] });
        assert.deepEqual(await flags(), [seen, ["$alpha", "$Work"]]);
        await flag(store, ana, all, "add", { system: flagged, keywords: ["$WORK"] });
        assert.deepEqual(await flags(), [seen | flagged, ["$alpha", "$Work"]]);
        await flag(store, ana, all, "remove", { system: seen, keywords: ["$ALPHA"] });
        assert.deepEqual(await flags(), [flagged, ["$Work"]]);
        await flag(store, ana, all, "replace", { system: deleted, keywords: ["$work", "z"] });
        assert.deepEqual(await flags(), [deleted, ["$Work", "z"]]);
        const [, row] = await store.mail.mailboxes(ana);
        assert.equal(row?.unseenCount, 1);
        assert.equal(row?.deletedCount, 1);
      }));

    test("setting flags that are set already changes nothing", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 2, { system: seen });
        await flag(store, ana, only(2), "add", { system: flagged, keywords: [] });
        const result = await flag(store, ana, all, "add", { system: flagged, keywords: [] });
        assert.deepEqual(result.set, [[1, 2]]);
        assert.equal(result.modSeq, 5);
        const columns = await store.mail.loadMailbox(ana, inbox);
        assert.deepEqual([...columns.modSeqs], [5, 4]);
        const again = await flag(store, ana, all, "add", { system: flagged, keywords: [] });
        assert.deepEqual(again, { kind: "mail.flagsSet", set: [[1, 2]], modified: [] });
        assert.equal((await store.mail.account(ana)).modSeq, 5);
      }));

    test("messages changed after UNCHANGEDSINCE are left alone (RFC 7162 §3.1.3)", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 3);
        await flag(store, ana, only(2), "add", { system: seen, keywords: [] });
        const applied = await apply(store, {
          kind: "mail.flagsSet",
          account: ana,
          mailbox: inbox,
          uids: all,
          mode: "add",
          flags: { system: flagged, keywords: [] },
          unchangedSince: modSeq(4),
        });
        const result = resultOf(applied, 0, "mail.flagsSet");
        assert.deepEqual(result.set, only(1, 3));
        assert.deepEqual(result.modified, only(2));
        const columns = await store.mail.loadMailbox(ana, inbox);
        assert.deepEqual([...columns.systemFlags], [flagged, seen, flagged]);
      }));

    test("an expunge takes only those flagged deleted when asked so", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        await addMessages(store, ana, 4);
        await flag(store, ana, only(1, 2, 4), "add", { system: deleted, keywords: [] });
        const applied = await apply(store, {
          kind: "mail.expunge",
          account: ana,
          mailbox: inbox,
          uids: [[uid(2), uid(4)]],
          onlyDeleted: true,
        });
        assert.deepEqual(resultOf(applied, 0, "mail.expunge").expunged, only(2, 4));
        assert.deepEqual(await uidsOf(store, ana), [1, 3]);
        const [, row] = await store.mail.mailboxes(ana);
        assert.equal(row?.deletedCount, 1);
      }));

    test("an expunged message is readable, and can be restored, until retention ends", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const [added] = await addMessages(store, ana, 1, { system: seen, keywords: ["k"] });
        assert.ok(added !== undefined);
        await expunge(store, ana, all);
        const [read] = await store.mail.messages(ana, [added.message], ["preview", "body"]);
        assert.equal(read?.preview, "Preview");
        const restore = {
          kind: "mail.messageRestore",
          account: ana,
          mailbox: archive,
          copies: [
            {
              message: added.message,
              flags: { system: seen, keywords: ["k"] },
              internalDateMs: startMs,
            },
          ],
        } as const;
        const applied = await apply(store, restore);
        assert.deepEqual(resultOf(applied, 0, "mail.messageRestore").uids, [1]);
        assert.equal((await store.mail.account(ana)).usedBytes, 5);
        await store.maintain(startMs + 400 * 86_400_000, 1000);
        assert.equal((await store.mail.messages(ana, [added.message], ["preview"])).length, 1);
        await expunge(store, ana, all, archive);
        await store.maintain(startMs + 1 * 86_400_000, 1000);
        const [kept] = await store.mail.messages(ana, [added.message], ["preview"]);
        assert.deepEqual(kept, { preview: "Preview" });
        await store.maintain(startMs + 800 * 86_400_000, 1000);
        assert.deepEqual(await store.mail.messages(ana, [added.message], ["preview"]), [undefined]);
        await assertRefused(apply(store, restore), "noSuchMessage");
      }));

    test("fields are given in the order asked for, undefined where a message is gone", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        for (const preview of ["one", "two", "three"]) {
          await apply(
            store,
            add(ana, inbox, {
              facts: {
                preview,
                envelope: `(\u00e9 ${preview})`,
                messageIdHeader: `${preview}@example.org`,
                references: ["a@b", "c@d"],
                hasAttachment: preview === "two",
                searchHeaders: "čšž",
              },
            }),
          );
        }
        const ids = [3, 99, 1, 2, 3].map(messageId);
        const read = await store.mail.messages(ana, ids, ["preview", "envelope"]);
        assert.deepEqual(
          read.map((one) => one?.preview),
          ["three", undefined, "one", "two", "three"],
        );
        assert.equal(read[0]?.envelope, "(\u00e9 three)");
        const [whole] = await store.mail.messages(
          ana,
          [messageId(2)],
          [
            "bodyStructure",
            "structure",
            "thread",
            "messageIdHeader",
            "references",
            "sentAtMs",
            "baseSubject",
            "hasAttachment",
            "journey",
            "search",
          ],
        );
        assert.deepEqual(whole, {
          bodyStructure: '("TEXT" "PLAIN")',
          structure: '{"parts":[]}',
          thread: 1,
          messageIdHeader: "two@example.org",
          references: ["a@b", "c@d"],
          sentAtMs: startMs,
          baseSubject: "subject",
          hasAttachment: true,
          journey: undefined,
          search: { headers: "čšž", body: "body" },
        });
        assert.deepEqual(await store.mail.messages(ana, ids, []), [{}, undefined, {}, {}, {}]);
      }));

    test("replies join a conversation unless the subject changes (RFC 8621 §3)", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const boris = await makeAccount(store, "boris");
        const threadOf = async (
          account: typeof ana,
          messageIdHeader: string,
          references: readonly string[],
          baseSubject = "lunch",
        ) => {
          const given = { messageIdHeader, references, baseSubject };
          const applied = await apply(store, add(account, inbox, { facts: given }));
          const { message } = resultOf(applied, 0, "mail.messageAdd");
          const [read] = await store.mail.messages(account, [message], ["thread"]);
          return [message, read?.thread];
        };
        assert.deepEqual(await threadOf(ana, "1@x", []), [1, 1]);
        assert.deepEqual(await threadOf(ana, "2@x", ["1@x"]), [2, 1]);
        assert.deepEqual(await threadOf(ana, "3@x", ["1@x"], "dinner"), [3, 3]);
        assert.deepEqual(await threadOf(ana, "4@x", ["0@x", "2@x"]), [4, 1]);
        assert.deepEqual(await threadOf(ana, "5@x", []), [5, 5]);
        // Came before the message that it answers.
        assert.deepEqual(await threadOf(ana, "7@x", ["6@x"]), [6, 6]);
        assert.deepEqual(await threadOf(ana, "6@x", []), [7, 6]);
        assert.deepEqual(await threadOf(ana, "", []), [8, 8]);
        assert.deepEqual(await threadOf(ana, "", []), [9, 9]);
        assert.deepEqual(await threadOf(boris, "8@x", ["1@x"]), [1, 1]);
      }));

    test("unknown mailboxes are refused", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const nowhere = mailboxId(77);
        await assertRefused(store.mail.loadMailbox(ana, nowhere), "noSuchMailbox");
        await assertRefused(
          apply(store, {
            kind: "mail.messageCopy",
            account: ana,
            from: inbox,
            uids: all,
            to: nowhere,
          }),
          "noSuchMailbox",
        );
        await assertRefused(store.mail.account(accountId(99)), "noSuchUser");
      }));
  });
}

function expunge(store: Store, account: AccountId, uids: readonly UidRange[], mailbox = inbox) {
  const change = { kind: "mail.expunge", account, mailbox, uids, onlyDeleted: false } as const;
  return apply(store, change).then((done) => resultOf(done, 0, "mail.expunge").expunged);
}

function copy(store: Store, account: AccountId, uids: readonly UidRange[]) {
  return apply(store, { kind: "mail.messageCopy", account, from: inbox, uids, to: archive });
}

async function flag(
  store: Store,
  account: AccountId,
  uids: readonly UidRange[],
  mode: FlagsMode,
  flags: Flags,
) {
  const change = { kind: "mail.flagsSet", account, mailbox: inbox, uids, mode, flags } as const;
  return resultOf(await apply(store, change), 0, "mail.flagsSet");
}
