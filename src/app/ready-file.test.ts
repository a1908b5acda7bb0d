import assert from "node:assert/strict";
import { mkdtempSync, existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clearReadyFile, writeReadyFile } from "./ready-file.ts";

test("a ready file is whole, goes at the next start, and refuses by name where it cannot be", () => {
  const folder = mkdtempSync(join(tmpdir(), "golub-ready-"));
  try {
    const path = join(folder, "ready.json");
    clearReadyFile(path);
    writeReadyFile(path, [{ protocol: "smtp", address: "::1", port: 25 }]);
    const { pid, listeners } = JSON.parse(readFileSync(path, "utf8"));
    assert.equal(pid, process.pid);
    assert.deepEqual(listeners, [{ protocol: "smtp", address: "::1", port: 25 }]);
    clearReadyFile(path);
    assert.equal(existsSync(path), false);
    assert.throws(() => writeReadyFile(join(folder, "none", "ready.json"), []), {
      reason: "unavailable",
      text: /^--ready-file .*none.ready\.json: it cannot be written \(ENOENT/,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
