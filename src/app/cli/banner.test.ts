import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../config/read-config.ts";
import { trialBanner } from "./banner.ts";

function bannerFor(host: string, accounts: readonly { address: string; password: string }[]) {
  const answer = readConfig(undefined, [
    { key: "listen.host", value: host, where: "the test" },
    { key: "server.dataFolder", value: "/mail", where: "the test" },
  ]);
  assert.ok(answer.kind === "config");
  const listeners = ["smtp", "imap", "pop3"].map((protocol, at) => {
    return { protocol, address: host, port: 10_000 + at };
  });
  return trialBanner({
    config: answer.config,
    listeners,
    accounts,
    command: (verb) => `golub ${verb}`,
  });
}

test("every account that was asked for is shown, and the first one is to be tried", () => {
  const banner = bannerFor("127.0.0.1", [
    { address: "ana@example.org", password: "one" },
    { address: "bob@example.org", password: "two" },
  ]);
  assert.match(
    banner,
    /ana@example.org\nPassword: one\nAccount: {2}bob@example.org\nPassword: two/,
  );
  assert.match(banner, /swaks --server 127\.0\.0\.1:10000 --to ana@example\.org/);
});

test("an IPv6 address stands in brackets in the lines to try", () => {
  const banner = bannerFor("::1", [{ address: "ana@example.org", password: "one" }]);
  assert.match(banner, /swaks --server \[::1\]:10000 /);
  assert.match(banner, /'imap:\/\/\[::1\]:10001\/INBOX;MAILINDEX=1'/);
});

test("a password with an apostrophe can be pasted into a shell", () => {
  const banner = bannerFor("127.0.0.1", [{ address: "ana@example.org", password: "it's" }]);
  assert.match(banner, /--user 'ana@example.org:it'\\''s' /);
});

test("at a later start, whose passwords nobody knows, it says how to make a new one", () => {
  const banner = bannerFor("127.0.0.1", []);
  assert.match(banner, /golub account password NAME@DOMAIN\n/);
  assert.match(banner, /To try:\n\n {2}golub account list\n/);
});
