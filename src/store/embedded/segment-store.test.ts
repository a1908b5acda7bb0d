import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, test } from "node:test";
import { fromUtf8 } from "../../base/bytes.ts";
import { blobHash } from "../../base/ids.ts";
import { silentLog } from "../../base/log.ts";
import { assertRefused } from "../contract-fixtures.ts";
import { FaultyDisk } from "./faulty-disk.ts";
import { SegmentStore } from "./segment-store.ts";
import type { Place } from "./segments.ts";

function open(disk: FaultyDisk, lastSegment = 0, segmentBytesMax = 1000): SegmentStore {
  return new SegmentStore({ disk, log: silentLog, segmentBytesMax }, lastSegment);
}

function append(segments: SegmentStore, text: string): Promise<Place> {
  const bytes = fromUtf8(text);
  return segments.append(blobHash(hash("sha256", bytes, "hex")), [bytes], bytes.length);
}

async function read(segments: SegmentStore, place: Place, text: string): Promise<void> {
  const bytes = await segments.readers.read(place, 0, text.length);
  assert.equal(Buffer.from(bytes).toString(), text);
}

describe("segments", () => {
  test("what was appended survives a power cut", async () => {
    const disk = new FaultyDisk();
    const place = await append(open(disk), "kept");
    disk.losePower();
    await read(open(disk, place.segment), place, "kept");
  });

  test("bodies that arrive during a flush share the next", async () => {
    const disk = new FaultyDisk();
    const segments = open(disk);
    const places = await Promise.all(
      Array.from({ length: 10 }, (_, index) => append(segments, `body ${index}`)),
    );
    assert.ok(disk.syncCount <= 2, `${disk.syncCount} flushes`);
    for (const [index, place] of places.entries()) await read(segments, place, `body ${index}`);
  });

  test("a short write is a full disk: nothing is kept, the tail is cut, room resumes", async () => {
    const disk = new FaultyDisk();
    const segments = open(disk);
    const first = await append(segments, "first");
    const [before] = await disk.list();
    disk.roomBytes = 20;
    await assertRefused(append(segments, "does not fit"), "diskFull");
    const [after] = await disk.list();
    assert.equal(after?.sizeBytes, before?.sizeBytes);
    disk.roomBytes = Infinity;
    const second = await append(segments, "second");
    assert.equal(second.segment, first.segment);
    await read(segments, first, "first");
    await read(segments, second, "second");
  });

  test("a file whose tail cannot be cut is not written again", async () => {
    const disk = new FaultyDisk();
    const segments = open(disk);
    const first = await append(segments, "first");
    disk.roomBytes = 20;
    disk.failsNextTruncate = true;
    await assertRefused(append(segments, "does not fit"), "diskFull");
    disk.roomBytes = Infinity;
    assert.equal((await append(segments, "second")).segment, first.segment + 1);
  });

  test("after a failed flush the same file is never written again", async () => {
    const disk = new FaultyDisk();
    const segments = open(disk);
    const first = await append(segments, "first");
    disk.failsNextSync = true;
    await assertRefused(append(segments, "lost"), "unavailable");
    const next = await append(segments, "next");
    assert.equal(next.segment, first.segment + 1);
    disk.losePower();
    await read(segments, first, "first");
    await read(segments, next, "next");
  });

  test("a segment that is full gives way to the next", async () => {
    const segments = open(new FaultyDisk(), 0, 150);
    const places = [];
    for (let round = 0; round < 4; round++) places.push(await append(segments, "x".repeat(60)));
    assert.deepEqual(
      places.map((place) => place.segment),
      [1, 1, 2, 2],
    );
  });

  test("a segment that is being read is removed only afterwards", async () => {
    const disk = new FaultyDisk();
    const segments = open(disk);
    const place = await append(segments, "in use");
    {
      await using _ = segments.readers.hold(place.segment);
      await segments.readers.remove(place.segment);
      await read(segments, place, "in use");
      assert.equal((await disk.list()).length, 1);
    }
    assert.equal((await disk.list()).length, 0);
  });
});
