import assert from "node:assert/strict";
import { test } from "node:test";

import { Refusal } from "../../base/faults.ts";
import { getConfig, parseAskedAccount } from "./options.ts";

const refuses = (run: () => unknown, text: RegExp) =>
  assert.throws(run, (error: unknown) => error instanceof Refusal && text.test(error.text));

test("options stand for settings, and --set reaches every setting", () => {
  const config = getConfig({
    data: "/tmp/d",
    portOffset: "0",
    host: "::1",
    dns: "off",
    route: ["Example.ORG=[::1]:2025", "*=smart.example:587"],
    set: ["limits.quota=1GiB", "log.level=warn"],
  });
  assert.equal(config.server.dataFolder, "/tmp/d");
  assert.equal(config.listen.portOffset, 0);
  assert.equal(config.limits.quota, 2 ** 30);
  assert.deepEqual(config.queue.routes, {
    "example.org": "[::1]:2025",
    "*": "smart.example:587",
  });
});

test("an option that cannot be understood is named with its right form", () => {
  refuses(() => getConfig({ set: ["limits.quota"] }), /--set limits.quota: it must be KEY=VALUE/);
  refuses(() => getConfig({ route: ["a.example"] }), /DOMAIN=HOST:PORT/);
  refuses(
    () => getConfig({ portOffset: "many" }),
    /--port-offset: listen.portOffset is "many"; it must be/,
  );
  refuses(() => getConfig({ set: ["limits.quotta=1"] }), /Did you mean limits.quota\?/);
});

test("an account may have any password, colons and blanks included", () => {
  const account = parseAskedAccount("ana@example.org:a:b c@d");
  assert.deepEqual(account, { address: "ana@example.org", password: "a:b c@d" });
  for (const text of ["ana:x", "ana@example.org", "ana@example.org:", ":x", "a b@c:d"]) {
    refuses(() => parseAskedAccount(text), /NAME@DOMAIN:PASSWORD/);
  }
});
