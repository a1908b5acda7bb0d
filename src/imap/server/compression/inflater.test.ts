import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { ConnectionLost } from "../../../base/faults.ts";
import { Inflater } from "./inflater.ts";

/** All that comes out when the input comes in pieces of a size. */
function inflateAll(bytes: Uint8Array, size: number): Buffer {
  const inflater = new Inflater();
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    inflater.feed(bytes.subarray(at, at + size));
    for (let piece = inflater.next(); piece !== undefined; piece = inflater.next()) {
      assert.ok(piece.length <= 17 * 1024);
      pieces.push(piece);
    }
  }
  return Buffer.concat(pieces);
}

const finishFlush = constants.Z_SYNC_FLUSH;

test("gives back what zlib has compressed, however the bytes arrive (RFC 1951 §3)", () => {
  const words = fc.array(fc.constantFrom("FETCH ", "1:* ", "(FLAGS UID)", "\r\n", "ž", "\0\xff"), {
    maxLength: 200,
  });
  const options = fc.record({
    level: fc.constantFrom(0, 1, 6, 9),
    strategy: fc.constantFrom(
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FIXED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
    ),
  });
  fc.assert(
    fc.property(words, options, fc.integer({ min: 1, max: 64 }), (text, option, size) => {
      const plain = Buffer.from(text.join(""), "latin1");
      const packed = deflateRawSync(plain, { ...option, finishFlush });
      assert.deepEqual(inflateAll(packed, size), plain);
    }),
    { numRuns: 150 },
  );
});

test("long input of all kinds, stored blocks among them, comes out whole", () => {
  const noise = Buffer.from(
    Array.from({ length: 90_000 }, (_, at) => (at * at * 7919) >>> (at % 9)),
  );
  const plain = Buffer.concat([noise, Buffer.alloc(200_000, "abcd"), noise.subarray(0, 40_000)]);
  for (const level of [0, 1, 9]) {
    const packed = deflateRawSync(plain, { level, finishFlush });
    assert.deepEqual(inflateAll(packed, 1000), plain);
  }
});

test("a bomb comes out in pieces that are asked for, not all at once", () => {
  const inflater = new Inflater();
  inflater.feed(deflateRawSync(Buffer.alloc(20_000_000), { finishFlush }));
  for (let piece = 0; piece < 10; piece++) {
    assert.ok((inflater.next()?.length ?? 0) <= 17 * 1024);
  }
});

test("what is no DEFLATE ends the connection, and so does the end of the stream", () => {
  for (const bytes of [[0x07], [0x00, 1, 0, 1, 0], [0x05, 0xff, 0xff, 0xff, 0xff], [0x62, 0x02]]) {
    const inflater = new Inflater();
    inflater.feed(Uint8Array.from([...bytes, 255, 255, 255, 255]));
    assert.throws(() => {
      while (inflater.next() !== undefined);
    }, ConnectionLost);
  }
  const inflater = new Inflater();
  inflater.feed(deflateRawSync("NOOP\r\n"));
  assert.equal(Buffer.from(inflater.next() ?? []).toString(), "NOOP\r\n");
  assert.throws(() => inflater.next(), ConnectionLost);
});
