import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, test } from "node:test";
import { InvariantError } from "../base/assert.ts";
import { concat, fromUtf8 } from "../base/bytes.ts";
import { type BlobHash, blobHash, uid } from "../base/ids.ts";
import type { StagedBlob } from "./blobs.ts";
import {
  type MakeStore,
  add,
  all,
  apply,
  assertRefused,
  inbox,
  makeAccount,
  startMs,
  withStore,
} from "./contract-fixtures.ts";
import type { UidRange } from "./mail-changes.ts";
import type { Maintenance } from "./maintenance.ts";
import type { Store } from "./store.ts";

const large = Buffer.alloc(600_000, "0123456789abcdef\n");
const day = 86_400_000;

/** What every engine promises about bodies. */
export function describeBlobContract(name: string, make: MakeStore): void {
  describe(`${name}: bodies`, () => {
    test("a body of several parts is named by its SHA-256", () =>
      withStore(make, async (store) => {
        const staged = await store.blobs.put([fromUtf8("hel"), fromUtf8(""), fromUtf8("lo")]);
        assert.equal(staged.hash, hash("sha256", "hello", "hex"));
        assert.equal(staged.sizeBytes, 5);
        await keep(store, staged);
        assert.equal(Buffer.from(await store.blobs.read(staged.hash)).toString(), "hello");
      }));

    for (const size of [0, 1, 4096, large.length]) {
      test(`a body of ${size} bytes is read whole, in ranges and in pieces`, () =>
        withStore(make, async (store) => {
          const body = large.subarray(0, size);
          const staged = await store.blobs.put([body.subarray(0, 100), body.subarray(100)]);
          await keep(store, staged);
          const { blobs } = store;
          const same = (bytes: Uint8Array, wanted: Uint8Array) =>
            assert.ok(Buffer.from(bytes).equals(wanted));
          same(await blobs.read(staged.hash), body);
          same(await blobs.read(staged.hash, 1, 9), body.subarray(1, 9));
          same(await blobs.read(staged.hash, size), body.subarray(size));
          same(await blobs.read(staged.hash, 3, size + 50), body.subarray(3));
          const pieces = await collect(blobs.stream(staged.hash, 2));
          assert.ok(pieces.every((piece) => piece.length <= 262_144));
          same(concat(pieces), body.subarray(2));
        }));
    }

    test("a body that nobody knows is a broken invariant", () =>
      withStore(make, async (store) => {
        const unknown = blobHash("0".repeat(64));
        await assert.rejects(store.blobs.read(unknown), InvariantError);
        await assert.rejects(collect(store.blobs.stream(unknown)), InvariantError);
      }));

    test("a batch that names a body which is not there is refused", () =>
      withStore(make, async (store) => {
        const ana = await makeAccount(store);
        const change = add(ana, inbox);
        const blob = { hash: blobHash("0".repeat(64)), sizeBytes: 5 };
        const message = { ...change.message, blob };
        await assertRefused(apply(store, { ...change, message }), "unavailable");
      }));

    test("a body that is in use already can be named without its bytes", () =>
      withStore(make, async (store) => {
        const staged = await store.blobs.put([fromUtf8("shared")]);
        const account = await keep(store, staged);
        const change = add(account, inbox);
        const { hash: name, sizeBytes } = staged;
        const message = { ...change.message, blob: { hash: name, sizeBytes } };
        await apply(store, { ...change, message });
        assert.equal((await store.mail.account(account)).usedBytes, 12);
      }));

    test("what was put may be written over by its owner", () =>
      withStore(make, async (store) => {
        const buffer = Buffer.from("before");
        const staged = await store.blobs.put([buffer]);
        buffer.write("after!");
        await keep(store, staged);
        assert.equal(Buffer.from(await store.blobs.read(staged.hash)).toString(), "before");
      }));

    for (const [what, body] of [
      ["small", fromUtf8("body")],
      ["large", large],
    ] as const) {
      test(`a ${what} body stays while anything uses it and goes after the grace time`, () =>
        withStore(make, async (store) => {
          const staged = await store.blobs.put([body]);
          const account = await keep(store, staged);
          const { message } = add(account, inbox);
          await apply(store, {
            ...add(account, inbox),
            message: { ...message, blob: staged },
          });
          const expunge = (uids: readonly UidRange[]) => {
            const rest = { account, mailbox: inbox, uids, onlyDeleted: false };
            return apply(store, { kind: "mail.expunge", ...rest });
          };
          await expunge([[uid(1), uid(1)]]);
          await tidy(store, startMs + 100 * day);
          await tidy(store, startMs + 200 * day);
          assert.equal((await store.blobs.read(staged.hash)).length, body.length);
          await expunge(all);
          await tidy(store, startMs + 100 * day);
          assert.equal((await store.blobs.read(staged.hash)).length, body.length);
          await tidy(store, startMs + 110 * day);
          await assert.rejects(store.blobs.read(staged.hash), InvariantError);
        }));
    }

    test("a large body that was staged and never used goes too", () =>
      withStore(make, async (store) => {
        const staged = await store.blobs.put([large]);
        await tidy(store, startMs + day / 2);
        assert.equal((await store.blobs.read(staged.hash)).length, large.length);
        await tidy(store, startMs + 3 * day);
        await assert.rejects(store.blobs.read(staged.hash), InvariantError);
      }));

    test("bodies are still whole after housekeeping moved them", () =>
      withStore(make, async (store) => {
        const bodies = Array.from({ length: 30 }, (_, index) => fromUtf8(`body ${index}`));
        const names: BlobHash[] = [];
        const ana = await makeAccount(store);
        for (const body of bodies) {
          const blob = await store.blobs.put([body]);
          const change = add(ana, inbox);
          await apply(store, { ...change, message: { ...change.message, blob } });
          names.push(blob.hash);
        }
        await tidy(store, startMs + day);
        for (const [index, body] of bodies.entries()) {
          const name = names[index];
          assert.ok(name !== undefined);
          assert.deepEqual(Uint8Array.from(await store.blobs.read(name)), Uint8Array.from(body));
        }
      }));
  });
}

/** Makes an account whose only message has the body. */
async function keep(store: Store, blob: StagedBlob) {
  const ana = await makeAccount(store);
  const change = add(ana, inbox);
  await apply(store, { ...change, message: { ...change.message, blob } });
  return ana;
}

/** Housekeeping until nothing is left to do. */
async function tidy({ maintain }: Maintenance, nowMs: number) {
  for (let step = 0; step < 100; step++) {
    const { isIdle } = await maintain(nowMs, 1000);
    if (isIdle) return;
  }
  assert.fail("housekeeping comes to an end");
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const collected: Uint8Array[] = [];
  for await (const piece of pieces) collected.push(piece);
  return collected;
}
