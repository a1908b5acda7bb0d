import assert from "node:assert/strict";
import { test } from "node:test";

import { readConfig } from "./read-config.ts";

const file = (text: string) => ({ name: "golub.toml", text });

function problemsOf(text: string): readonly { where: string; text: string }[] {
  const answer = readConfig(file(text), []);
  return answer.kind === "problems" ? answer.problems : [];
}

test("an empty file gives the defaults", () => {
  const answer = readConfig(file(""), []);
  assert.equal(answer.kind, "config");
  if (answer.kind !== "config") return;
  assert.equal(answer.config.listen.host, "127.0.0.1");
  assert.equal(answer.config.listen.portOffset, 10_000);
  assert.equal(answer.config.limits.messageSizeMax, 50 * 2 ** 20);
  assert.deepEqual(answer.config.queue.retryAfter[0], 300_000);
});

test("values are read, and options win over the file", () => {
  const answer = readConfig(file('[limits]\nquota = "1 GiB"\n[listen]\nportOffset = 0\n'), [
    { key: "listen.portOffset", value: "2000", where: "--port-offset" },
  ]);
  assert.equal(answer.kind, "config");
  if (answer.kind !== "config") return;
  assert.equal(answer.config.limits.quota, 2 ** 30);
  assert.equal(answer.config.listen.portOffset, 2000);
  assert.equal(answer.given.get("listen.portOffset"), "--port-offset");
  assert.equal(answer.given.get("limits.quota"), "golub.toml:2");
});

test("an unknown key is an error that names its line and the nearest key", () => {
  const [problem] = problemsOf('[server]\nhostName = "a.example"\nhostname2 = "b"\n');
  assert.equal(problem?.where, "golub.toml:3");
  assert.match(
    problem?.text ?? "",
    /There is no setting server.hostname2. Did you mean server.hostName\?/,
  );
});

test("a value of the wrong kind says what would be right", () => {
  const [problem] = problemsOf('[limits]\n\nquota = "many"\n');
  assert.equal(problem?.where, "golub.toml:3");
  assert.match(problem?.text ?? "", /limits.quota is "many"; it must be a size from 0 B to/);
});

test("every problem is reported, and syntax errors name their line", () => {
  assert.equal(problemsOf("[limits]\nquota = -1\nhopsMax = 3\n[nowhere]\nx = 1\n").length, 3);
  assert.equal(problemsOf('[listen]\nhost = "127.0.0.1\n')[0]?.where, "golub.toml:2");
});

test("names from Object are no sections and no settings", () => {
  assert.equal(problemsOf("[constructor]\nname = 1\n").length, 1);
  assert.equal(problemsOf("[server]\ntoString = 1\n").length, 1);
});

test("what would fail or be ignored later is a problem now, and problems come by line", () => {
  const problems = problemsOf(
    `[dns]
server = "dns.example"
[listen]
off = ["lmtp", "smpt"]
proxies = ["10.0.0.0/99"]
[relay]
networks = "mine"
[nosuch]
a = 1
`,
  );
  assert.deepEqual(
    problems.map(({ where }) => where),
    [2, 4, 5, 7, 8].map((line) => `golub.toml:${line}`),
  );
  const [dns, off, proxies, relay] = problems.map(({ text }) => text);
  assert.match(dns ?? "", /^dns\.server is "dns\.example"; it must be "system", "off", or an IP/);
  assert.match(off ?? "", /^listen\.off: there is no listener smpt; did you mean smtp\?\. /);
  assert.match(proxies ?? "", /^listen\.proxies: "10\.0\.0\.0\/99" is not a network\. It must be/);
  assert.match(relay ?? "", /^relay\.networks: "mine" is not a network\. /);
});
