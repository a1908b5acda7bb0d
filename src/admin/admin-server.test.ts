import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";

import { silentLog } from "../base/log.ts";
import { serveAdmin } from "./admin-server.ts";
import { callAdmin } from "./admin-client.ts";
import { adminSocketPath } from "./socket-path.ts";

const operations = { call: async (name: string) => ({ name }) };

test(
  "a socket under the temporary folder lies in a folder of ours, or nowhere",
  { skip: process.platform === "win32" },
  async () => {
    const path = adminSocketPath(`/${"long/".repeat(30)}${process.pid}`);
    const folder = dirname(path);
    assert.equal(existsSync(folder), false);
    try {
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      await assert.rejects(serveAdmin(path, operations, silentLog), { reason: "notPermitted" });
      chmodSync(folder, 0o700);
      await using _served = await serveAdmin(path, operations, silentLog);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      const answer = await callAdmin(path, "hello", {});
      assert.deepEqual(answer, { kind: "result", result: { name: "hello" } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
