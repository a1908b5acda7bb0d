import assert from "node:assert/strict";
import { test } from "node:test";
import { uid } from "../base/ids.ts";
import { noFlags } from "./flags.ts";
import { createMailFixture, shortMessage, type MailFixture } from "./mail-fixture.ts";

const item = (subject: string) => ({ parts: [shortMessage(subject)], flags: noFlags });

/** What a watcher of `mail` hears, as words. */
async function watched({ service, account, clock }: MailFixture) {
  const mail = service.open(account, "watcher");
  const heard: string[] = [];
  let newest = 0;
  const watching = await mail.watch((entries) => {
    for (const { act, actor, modSeq } of entries) {
      heard.push(`${actor} ${act.kind}`);
      assert.ok(modSeq >= newest, "in the order of the log");
      newest = modSeq;
    }
  });
  return { mail, heard, watching, settle: () => clock.settle() };
}

test("who watches hears what others did, in order, and not what it did itself", async () => {
  await using fixture = await createMailFixture();
  const { mail: other, inbox } = fixture;
  await other.append(inbox, [item("before")]);
  const { mail, heard, watching, settle } = await watched(fixture);
  await Promise.all([
    other.append(inbox, [item("one")]),
    mail.append(inbox, [item("own")]),
    other.setFlags(inbox, [[uid(1), uid(1)]], "add", { system: 1, keywords: [] }),
    mail.createMailbox("Own"),
    other.subscribe("Own", true),
  ]);
  await settle();
  assert.deepEqual(heard.toSorted(), ["test added", "test flagged", "test subscribed"]);
  watching[Symbol.dispose]();
  await other.append(inbox, [item("later")]);
  await settle();
  assert.equal(heard.length, 3);
});

test("hints that are lost, or say only that something happened, lose nothing", async () => {
  await using fixture = await createMailFixture();
  const { mail: other, inbox, store } = fixture;
  const { feed } = store;
  let lost = 0;
  const broken: typeof feed = {
    ...feed,
    watch: (account, listener) =>
      feed.watch(account, ({ modSeq }) => {
        if (lost++ % 3 !== 1) listener({ account, modSeq });
      }),
  };
  Object.assign(store, { feed: broken });
  const { heard, settle } = await watched(fixture);
  for (let at = 0; at < 7; at++) await other.append(inbox, [item(`${at}`)]);
  await settle();
  assert.equal(heard.length, 7);
});
