import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { readConfig } from "./config/read-config.ts";
import { showConfig } from "./config/show-config.ts";
import { parseRoutes } from "./parse-routes.ts";

const read = (text: string) => readConfig({ name: "golub.toml", text }, []);

function configOf(text: string) {
  const answer = read(text);
  assert.ok(answer.kind === "config");
  return answer.config;
}

function problemOf(text: string): string {
  const answer = read(text);
  return answer.kind === "problems" ? answer.problems.map((one) => one.text).join("\n") : "";
}

test("a route is HOST:PORT, or a table with a login whose password may lie in a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "golub-routes-"));
  try {
    const file = join(folder, "password");
    writeFileSync(file, "s3cret\n");
    const { queue } = configOf(`[queue.routes]
"Example.org" = "[::1]:2525"
"*" = { host = "smart.example", port = 465, user = "me", passwordFile = ${JSON.stringify(file)} }
"b.example" = { host = "b.example", port = 25, tls = "required", fallback = true }
`);
    assert.deepEqual(
      parseRoutes("queue.routes", queue.routes),
      new Map<string, unknown>([
        ["example.org", { host: "::1", port: 2525 }],
        [
          "*",
          {
            host: "smart.example",
            port: 465,
            isImplicitTls: true,
            credentials: { user: "me", password: "s3cret" },
          },
        ],
        ["b.example", { host: "b.example", port: 25, tls: "required", isFallback: true }],
      ]),
    );
    rmSync(file);
    assert.throws(
      () => parseRoutes("queue.routes", queue.routes),
      /queue\.routes: \*: the password file cannot be read/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what is wrong in a route is said with its name and without its password", () => {
  const login = 'user = "u", password = "hunter2"';
  const cases: readonly (readonly [string, RegExp])[] = [
    ['"host only"', /"host only" must be HOST:PORT/],
    ["{ port = 25 }", /host is missing/],
    ['{ host = "h", port = 0 }', /port must be/],
    ['{ host = "h", port = 25, tls = "yes" }', /tls must be "off" or/],
    ['{ host = "h", port = 25, colour = "red" }', /a route has no colour/],
    ['{ host = "h", port = 25, password = "hunter2" }', /user is missing/],
    [`{ host = "h", port = 25, ${login}, passwordFile = "f" }`, /one of them/],
    [`{ host = "h", port = 25, ${login}, tls = "off" }`, /a login needs tls/],
    [`{ host = "h", port = "x", ${login} }`, /port must be/],
  ];
  for (const [route, wanted] of cases) {
    const problem = problemOf(`[queue.senderRoutes]\n"a.example" = ${route}\n`);
    assert.match(problem, wanted);
    assert.match(problem, /queue\.senderRoutes: a\.example: /);
    assert.doesNotMatch(problem, /hunter2/);
  }
});

test("the configuration is shown without its passwords", () => {
  const config = configOf(`[server]
store = "postgres://golub:hunter2@db.example/golub"
[queue.routes]
"*" = { host = "h", port = 587, user = "u", password = "hunter2" }
`);
  const shown = showConfig(config);
  assert.doesNotMatch(shown, /hunter2/);
  assert.match(shown, /^server\.store = "postgres:\/\/golub:\(not shown\)@db\.example\/golub"$/m);
  assert.match(shown, /^queue\.routes = \{"\*":\{.*"user":"u","password":"\(not shown\)"\}\}$/m);
});
