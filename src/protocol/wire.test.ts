import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reason } from "../base/faults.ts";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { LineOptions } from "./wire.ts";
import { lineText } from "./wire.ts";
import { wireFixture } from "./wire-fixture.ts";

const line: LineOptions = { bytesMax: 20, timeoutMs: 60_000, allowBareLf: false };

const isRefusal = (reason: Reason) => (error: unknown) =>
  error instanceof Refusal && error.reason === reason;

/** What reading lines until the end gives, refusals as their reasons. */
async function linesOf(pieces: readonly string[], options = line): Promise<string[]> {
  const { wire, peer } = await wireFixture();
  for (const piece of pieces) void peer.write(piece);
  void peer.end();
  const lines: string[] = [];
  for (;;) {
    try {
      const bytes = await wire.readLine(options);
      if (bytes === undefined) return lines;
      lines.push(lineText(bytes));
    } catch (error) {
      assert.ok(error instanceof Refusal);
      lines.push(`!${error.reason}`);
    }
  }
}

test("lines are the same wherever the bytes are split", async () => {
  const text = "EHLO x\r\n\r\nbare\nNOOP this is far too long a line\r\nQUIT\r\nhalf";
  const expected = ["EHLO x", "", "!syntax", "!tooLong", "QUIT"];
  assert.deepEqual(await linesOf([text]), expected);
  assert.deepEqual(await linesOf([...text]), expected);
  for (let at = 1; at < text.length; at++) {
    assert.deepEqual(
      await linesOf([text.slice(0, at), text.slice(at)]),
      expected,
      `split at ${at}`,
    );
    const next = at + 2;
    const three = [text.slice(0, at), text.slice(at, next), text.slice(next)];
    assert.deepEqual(await linesOf(three), expected, `split at ${at} and ${next}`);
  }
});

test("a line may have exactly its limit, and a bare LF where it is allowed", async () => {
  assert.deepEqual(await linesOf([`${"x".repeat(18)}\r\n`]), ["x".repeat(18)]);
  assert.deepEqual(await linesOf([`${"x".repeat(19)}\r\n`]), ["!tooLong"]);
  assert.deepEqual(await linesOf(["a\n\nb\r\n"], { ...line, allowBareLf: true }), ["a", "", "b"]);
});

test("silence is a timeout, and so is a line that comes a byte at a time for too long", async () => {
  const { wire, peer, clock } = await wireFixture();
  await assert.rejects(clock.run(wire.readLine(line)), isRefusal("timeout"));
  const startMs = clock.monotonicMs();
  const slow = assert.rejects(wire.readLine(line), isRefusal("timeout"));
  for (let count = 0; count < 10; count++) {
    void peer.write("x");
    await clock.advance(10_000);
  }
  await slow;
  assert.ok(clock.monotonicMs() - startMs <= 110_000);
});

test("counted bytes that trickle in are a timeout in the end", async () => {
  const { wire, peer, clock } = await wireFixture();
  const slow = assert.rejects(wire.readExactly(2_560, 60_000), isRefusal("timeout"));
  for (let count = 0; count < 8; count++) {
    void peer.write("x");
    await clock.advance(10_000);
  }
  await slow;
});

test("a line without end is cut off before it costs much", async () => {
  const { wire, peer } = await wireFixture();
  const flood = (async () => {
    for (;;) await peer.write("x".repeat(100_000));
  })().catch(() => undefined);
  await assert.rejects(wire.readLine(line), ConnectionLost);
  wire.connection.destroy();
  await flood;
});

test("a long line in tiny pieces costs what its length allows", async () => {
  const { wire, peer } = await wireFixture();
  for (let count = 0; count < 20_000; count++) void peer.write("xxxxxxxxxx");
  void peer.write("\r\n");
  const startMs = performance.now();
  const read = await wire.readLine({ ...line, bytesMax: 1_000_000 });
  assert.equal(read?.length, 200_000);
  assert.ok(performance.now() - startMs < 1_000);
});

test("counted bytes end where they end, however they come", async () => {
  const { wire, peer } = await wireFixture();
  for (const piece of ["ab", "c", "defNO", "OP\r\n"]) void peer.write(piece);
  assert.equal(lineText(await wire.readExactly(6, 1_000)), "abcdef");
  assert.equal((await wire.readExactly(0, 1_000)).length, 0);
  assert.equal(lineText((await wire.readLine(line)) ?? Buffer.alloc(0)), "NOOP");
  void peer.write("x");
  void peer.end();
  await assert.rejects(wire.readExactly(2, 1_000), ConnectionLost);
});

test("bytes that were put back come first, and dropped ones never", async () => {
  const { wire, peer } = await wireFixture();
  void peer.write("abcdef\r\n");
  const some = await wire.readSome(3, 1_000);
  assert.equal(some?.length, 3);
  wire.unread(some);
  assert.equal(wire.bufferedBytes, 8);
  assert.equal(wire.hasLine, true);
  assert.equal(wire.dropInput(), 8);
  assert.equal(wire.bufferedBytes, 0);
  void peer.write("next\r\n");
  assert.equal(lineText((await wire.readLine(line)) ?? Buffer.alloc(0)), "next");
});

test("answers to pipelined commands leave together, before the next wait", async () => {
  const { wire, peer } = await wireFixture();
  void peer.write("A\r\nB\r\n");
  for (const answer of ["1\r\n", "2\r\n"]) {
    await wire.readLine(line);
    void wire.write(answer);
  }
  const waiting = wire.readLine(line);
  assert.equal(Buffer.from((await peer.read(1_000)) ?? []).toString(), "1\r\n2\r\n");
  void peer.write("C\r\n");
  await waiting;
});

test("a session that waits for a line can be told something else", async () => {
  const { wire, peer } = await wireFixture();
  const refusal = new Refusal("shuttingDown", "Bye.");
  const waiting = assert.rejects(wire.readLine(line), refusal);
  await Promise.resolve();
  wire.interrupt(refusal);
  await waiting;
  await assert.rejects(wire.readLine(line), refusal);
  // What has arrived already is still read, so that no command is lost.
  wire.unread(Buffer.from("QUIT\r\n"));
  assert.equal(lineText((await wire.readLine(line)) ?? Buffer.alloc(0)), "QUIT");
  peer.destroy();
});
