import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, inflateRawSync } from "node:zlib";
import { fromLatin1 } from "../../../base/bytes.ts";
import type { Connection } from "../../../net/network.ts";
import { DeflateConnection } from "./deflate-connection.ts";

/** What a connection was given, as the other end gets it. */
function recorder() {
  const written: Uint8Array[] = [];
  const connection = {
    write(data: Uint8Array | string) {
      written.push(typeof data === "string" ? fromLatin1(data) : data);
      return undefined;
    },
  } as unknown as Connection;
  return { written, connection };
}

test("writes are one DEFLATE stream, each readable as soon as it is there (RFC 4978 §3)", () => {
  const { written, connection } = recorder();
  const deflated = new DeflateConnection(connection);
  const texts = [
    "* OK hello\r\n",
    "",
    "* 1 FETCH (FLAGS ())\r\n",
    "x".repeat(100_000),
    "\xff\0\r\n",
  ];
  for (let round = 0; round < 30; round++) {
    for (const text of texts) {
      void deflated.write(round % 2 === 0 ? text : fromLatin1(text));
      const received = Buffer.concat(written);
      if (round > 2) continue;
      const plain = inflateRawSync(received, { finishFlush: constants.Z_SYNC_FLUSH });
      assert.ok(plain.toString("latin1").endsWith(text));
    }
  }
  const plain = inflateRawSync(Buffer.concat(written), { finishFlush: constants.Z_SYNC_FLUSH });
  assert.equal(plain.toString("latin1"), texts.join("").repeat(30));
});

test("what was said before costs little to say again", () => {
  const { written, connection } = recorder();
  const deflated = new DeflateConnection(connection);
  const line = '* LIST (\\HasNoChildren) "/" "Some mailbox with a long name 8c1f27b3"\r\n';
  void deflated.write(line);
  void deflated.write(line);
  assert.ok((written[1]?.length ?? 0) < 20, `${written[1]?.length} bytes`);
});
