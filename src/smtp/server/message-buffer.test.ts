import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../base/bytes.ts";
import { ByteBudget } from "../../protocol/byte-budget.ts";
import { DataScanner } from "../grammar/data-scanner.ts";
import { MessageBuffer } from "./message-buffer.ts";

test("a message cut into many small pieces is kept in few", () => {
  using buffer = new MessageBuffer(new ByteBudget(1_000_000), 1_000_000);
  const scanner = new DataScanner();
  const { parts } = scanner.push(Buffer.from("..\r\n".repeat(50_000)));
  assert.ok(parts.length >= 50_000);
  for (const part of parts) buffer.add(part);
  assert.ok(buffer.parts.length <= 4, `${buffer.parts.length} parts`);
  assert.equal(Buffer.from(concat(buffer.parts)).toString(), ".\r\n".repeat(50_000));
});

test("pieces of all sizes come out in their order", () => {
  using buffer = new MessageBuffer(new ByteBudget(1_000_000), 1_000_000);
  const pieces = [3, 2000, 1, 1023, 1024, 4000, 5, 70_000, 500, 500].map((length, at) =>
    Buffer.alloc(length, 65 + at),
  );
  for (const piece of pieces) buffer.add(piece);
  assert.ok(Buffer.concat(pieces).equals(concat(buffer.parts)));
});

test("what is refused is let go of and given back", () => {
  const budget = new ByteBudget(100);
  const buffer = new MessageBuffer(budget, 50);
  buffer.add(Buffer.alloc(40));
  assert.equal(budget.usedBytes, 40);
  buffer.add(Buffer.alloc(20));
  assert.equal(buffer.refusal?.reason, "messageTooLarge");
  assert.equal(budget.usedBytes, 0);
  assert.deepEqual(buffer.parts, []);
});
