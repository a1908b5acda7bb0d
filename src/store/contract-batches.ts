import fc from "fast-check";
import { type AccountId, mailboxId, messageId, modSeq, uid } from "../base/ids.ts";
import type { Batch, Change } from "./batch.ts";
import { add, startMs } from "./contract-fixtures.ts";
import type { Flags, MailChange, UidRange } from "./mail-changes.ts";

/** Random batches over few accounts, mailboxes and messages, so that they often meet. */
export function arbitraryBatches(accounts: readonly AccountId[]): fc.Arbitrary<readonly Batch[]> {
  const batch = fc.record({
    actor: fc.constantFrom("imap:ana", "smtp"),
    atMs: fc.integer({ min: startMs, max: startMs + 1_000_000 }),
    changes: fc.array(arbitraryChange(accounts), { minLength: 1, maxLength: 4 }),
    key: fc.constantFrom("k1", "k2", "", "", "", ""),
  });
  const keyed = batch.map(({ key, ...rest }): Batch => (key === "" ? rest : { key, ...rest }));
  return fc.array(keyed, { minLength: 1, maxLength: 25 });
}

function arbitraryChange(accounts: readonly AccountId[]): fc.Arbitrary<Change> {
  const account = fc.constantFrom(...accounts);
  const mailbox = fc.integer({ min: 1, max: 4 }).map(mailboxId);
  const name = fc.constantFrom("A", "B", "A/x", "Č", "INBOX", "bad//name", "Archive");
  const role = fc.constantFrom("sent", "trash", "archive", undefined);
  const uids = arbitraryUids();
  const flags = arbitraryFlags();
  const kind = <Kind extends MailChange["kind"]>(value: Kind) => fc.constant(value);
  return fc.oneof(
    { weight: 8, arbitrary: arbitraryAdd(accounts) },
    {
      weight: 5,
      arbitrary: fc
        .record({
          kind: kind("mail.flagsSet"),
          account,
          mailbox,
          uids,
          mode: fc.constantFrom("add", "remove", "replace"),
          flags,
          since: fc.integer({ min: 0, max: 30 }),
        })
        .map(({ since, ...change }) =>
          since > 20 ? { ...change, unchangedSince: modSeq(since) } : change,
        ),
    },
    fc.record({ kind: kind("mail.messageCopy"), account, from: mailbox, uids, to: mailbox }),
    fc.record({ kind: kind("mail.messageMove"), account, from: mailbox, uids, to: mailbox }),
    fc.record({ kind: kind("mail.expunge"), account, mailbox, uids, onlyDeleted: fc.boolean() }),
    fc.record({
      kind: kind("mail.messageRestore"),
      account,
      mailbox,
      copies: fc.array(
        fc.record({
          message: fc.integer({ min: 1, max: 12 }).map(messageId),
          flags,
          internalDateMs: fc.constant(startMs),
        }),
        { maxLength: 2 },
      ),
    }),
    fc
      .record({ kind: kind("mail.mailboxCreate"), account, name, role })
      .map(({ role: given, ...change }) =>
        given === undefined ? change : { ...change, role: given },
      ),
    fc.record({
      kind: kind("mail.mailboxRename"),
      account,
      renames: fc.array(fc.record({ mailbox, name }), { maxLength: 2 }),
    }),
    fc.record({ kind: kind("mail.mailboxDelete"), account, mailbox }),
    fc.record({ kind: kind("mail.mailboxSetRole"), account, mailbox, role }),
    fc.record({
      kind: kind("mail.annotate"),
      account,
      mailbox,
      entries: fc.uniqueArray(
        fc
          .tuple(
            fc.constantFrom("/private/a", "/private/b"),
            fc.constantFrom("1", "\0ÿ", undefined),
          )
          .map(([entry, value]) =>
            value === undefined ? { name: entry } : { name: entry, value },
          ),
        { maxLength: 2, selector: ({ name: entry }) => entry },
      ),
    }),
    fc.record({ kind: kind("mail.subscribe"), account, name, isSubscribed: fc.boolean() }),
  );
}

function arbitraryAdd(accounts: readonly AccountId[]): fc.Arbitrary<Change> {
  const id = fc.constantFrom("1@x", "2@x", "3@x", "4@x");
  return fc
    .record({
      account: fc.constantFrom(...accounts),
      mailbox: fc.integer({ min: 1, max: 4 }).map(mailboxId),
      text: fc.constantFrom("a", "bb", "a longer body", ""),
      flags: arbitraryFlags(),
      messageIdHeader: fc.oneof(id, fc.constant("")),
      references: fc.array(id, { maxLength: 3 }),
      baseSubject: fc.constantFrom("s", "t"),
    })
    .map(({ account, mailbox, text, flags, ...facts }) =>
      add(account, mailbox, { text, ...flags, facts }),
    );
}

function arbitraryFlags(): fc.Arbitrary<Flags> {
  const flags = fc.record({
    system: fc.integer({ min: 0, max: 31 }),
    keywords: fc.array(fc.constantFrom("$Junk", "$junk", "a", "B"), { maxLength: 2 }),
  });
  // Some records come without a prototype, which no engine would give back.
  return flags.map((given) => ({ ...given }));
}

function arbitraryUids(): fc.Arbitrary<readonly UidRange[]> {
  return fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { maxLength: 6 }).map((numbers) => {
    const ranges: UidRange[] = [];
    for (const number of numbers.sort((a, b) => a - b)) {
      const last = ranges.at(-1);
      if (last?.[1] === number - 1) ranges[ranges.length - 1] = [last[0], uid(number)];
      else ranges.push([uid(number), uid(number)]);
    }
    return ranges;
  });
}
