import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, latin1 } from "../base/bytes.ts";
import { accountId, journeyId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import type { Change } from "../store/batch.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { createDelivery } from "./create-delivery.ts";
import type { SignOutgoing, Submission } from "./delivery.ts";

const journey = journeyId("abcdefghijklmnopqrst");
const text = "From: ana@golub.example\r\nDate: x\r\nMessage-ID: <1@golub.example>\r\n\r\nBok.\r\n";

/** A server without domains, where all mail goes elsewhere, and what it writes. */
function setUp() {
  const clock = createVirtualClock();
  const store = createMemoryStore({ clock });
  const changes: Change[] = [];
  const asked: (readonly [string | undefined, string])[] = [];
  const signOutgoing: SignOutgoing = async ({ login }, bytes) => {
    asked.push([login?.address, latin1(bytes)]);
    return { fields: "X-Sig: 1\r\n", step: { atMs: 1, kind: "trust.signed", facts: {} } };
  };
  const delivery = createDelivery({
    store: {
      blobs: store.blobs,
      mail: store.mail,
      apply(batch) {
        changes.push(...batch.changes);
        return store.apply(batch);
      },
    },
    recipients: {
      resolve: async () => ({ kind: "notLocal", domain: "remote.example" }),
      isLocalDomain: async () => false,
      maySendAs: async () => false,
    },
    clock,
    random: seededRandom(3),
    log: silentLog,
    hostName: "mx.golub.example",
    queueLifetimeMs: 1_000,
    signOutgoing,
  });
  return { delivery, changes, asked };
}

function submission(login: Submission["login"], forwardedBy?: string): Submission {
  const address = "bo@remote.example";
  return {
    journey,
    sender: "ana@golub.example",
    recipients: [
      {
        address: forwardedBy ?? address,
        destinations: [{ kind: "remote", address, domain: "remote.example" }],
        notify: undefined,
        originalRecipient: undefined,
      },
    ],
    parts: [fromLatin1(text)],
    connection: {
      remoteAddress: "192.0.2.1",
      helo: "a.example",
      protocol: {
        base: "smtp",
        isExtended: true,
        isTls: false,
        isAuthenticated: true,
        isUtf8: false,
      },
      tls: "",
      startedAtMs: 0,
    },
    login,
    envelopeId: undefined,
    returnContent: "full",
    needsSmtpUtf8: false,
    bodyKind: "7bit",
    steps: [],
    failuresBy: "notice",
  };
}

function prefixesIn(changes: readonly Change[]): readonly string[] {
  return changes.flatMap((change) =>
    change.kind === "queue.add" ? [latin1(change.message.prefix)] : [],
  );
}

function stepsIn(changes: readonly Change[]): readonly string[] {
  return changes.flatMap((change) =>
    change.kind === "journey.append" ? change.steps.map(({ kind }) => kind) : [],
  );
}

const ana = { account: accountId(1), address: "ana@golub.example", device: "" };

test("a user's message is signed as it leaves, in front of Received, and its journey says so", async () => {
  const { delivery, changes, asked } = setUp();
  await delivery.deliver(submission(ana));
  assert.deepEqual(asked, [["ana@golub.example", text]]);
  assert.match(prefixesIn(changes).join("|"), /^X-Sig: 1\r\nReceived: /);
  assert.deepEqual(stepsIn(changes), ["trust.signed", "delivery.queued"]);
});

test("what an address here forwards for a user is signed, too", async () => {
  const { delivery, changes } = setUp();
  await delivery.deliver(submission(ana, "list@golub.example"));
  assert.match(
    prefixesIn(changes).join("|"),
    /^Delivered-To: list@golub\.example\r\nX-Sig: 1\r\nReceived: /,
  );
});

test("mail of others passes as it is", async () => {
  const { delivery, changes, asked } = setUp();
  await delivery.deliver(submission(undefined));
  assert.deepEqual(asked, []);
  assert.match(prefixesIn(changes).join("|"), /^Received: /);
  assert.deepEqual(stepsIn(changes), ["delivery.queued"]);
});

test("a notice that leaves is signed as the server's own", async () => {
  const { delivery, asked } = setUp();
  const notice = { journey, recipient: "bo@remote.example", needsSmtpUtf8: false };
  const changes = await delivery.noticeChanges({ ...notice, parts: [fromLatin1(text)] });
  assert.deepEqual(asked, [[undefined, text]]);
  assert.deepEqual(prefixesIn(changes), ["X-Sig: 1\r\n"]);
  assert.deepEqual(stepsIn(changes), ["trust.signed", "delivery.noticeKept"]);
});
