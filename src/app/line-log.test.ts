import assert from "node:assert/strict";
import { test } from "node:test";

import { createLineLog } from "./line-log.ts";

function logTo(lines: string[], format: "text" | "json") {
  const clock = { now: () => 0, monotonicMs: () => 0, after: () => ({ cancel: () => undefined }) };
  return createLineLog({ clock, level: "info", format, writeLine: (line) => lines.push(line) });
}

test("an event is one line, and a fact cannot forge another", () => {
  const lines: string[] = [];
  const log = logTo(lines, "text");
  log.write("info", "smtp.connected", { remote: "192.0.2.1", helo: "x\r\n1970 error forged" });
  log.write("debug", "smtp.quiet");
  assert.deepEqual(lines, [
    String.raw`1970-01-01T00:00:00.000Z info  smtp.connected remote=192.0.2.1 helo="x\r\n1970 error forged"`,
  ]);
});

test("the JSON form has the facts beside time, level and event", () => {
  const lines: string[] = [];
  logTo(lines, "json").write("warn", "store.slow", { ms: 12 });
  assert.equal(
    lines[0],
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"store.slow","ms":12}',
  );
});
