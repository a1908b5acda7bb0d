import assert from "node:assert/strict";
import { test } from "node:test";
import { formatQueue } from "./format.ts";

const atMs = Date.UTC(2026, 0, 2, 3, 4, 5);

function entry(id: number, ...recipients: { address: string; dueAtMs: number; isHeld: boolean }[]) {
  return { id, sender: "", sizeBytes: 10, queuedAtMs: atMs, recipients };
}

test("the queue says when each message is tried next, or that it is held", () => {
  const later = { address: "a@b.example", dueAtMs: atMs + 60_000, isHeld: false };
  const sooner = { address: "c@d.example", dueAtMs: atMs + 30_000, isHeld: false };
  const held = { ...sooner, isHeld: true };
  const entries = [entry(1, later, sooner), entry(2, later, held), entry(3, held)];
  const lines = formatQueue({ messages: 3, recipients: 5, entries }).split("\n");
  assert.match(lines[0] ?? "", /^id {2}queued +size +sender +next try +recipients$/);
  assert.match(lines[1] ?? "", / <> +2026-01-02 03:04:35 {2}a@b.example, c@d.example$/);
  assert.match(lines[2] ?? "", / <> +2026-01-02 03:05:05 /);
  assert.match(lines[3] ?? "", / <> +held +c@d.example$/);
  assert.equal(lines.at(-1), "3 messages for 5 recipients.");
  const one = formatQueue({ messages: 1, recipients: 1, entries: [entry(1, held)] });
  assert.match(one, /\n1 message for 1 recipient\.$/);
});
