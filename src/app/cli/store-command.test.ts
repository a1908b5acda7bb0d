import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { Refusal } from "../../base/faults.ts";
import { silentLog } from "../../base/log.ts";
import { createRealClock } from "../../net/real-clock.ts";
import { openEmbeddedStore } from "../../store/embedded/open-embedded-store.ts";
import { formatProgress, formatTime } from "./move-progress.ts";
import { runMove } from "./store-command.ts";

const clock = createRealClock();

describe("golub store move", () => {
  test("moves a store, shows how far it is, and says what was moved", () =>
    withFolders(async (from, to) => {
      await fill(from);
      const { answer, shown } = await run(`embedded:${from}`, `embedded:${to}`);
      assert.match(answer, /1 account, 1 mailbox, 0 messages/);
      assert.match(answer, new RegExp(`^Everything is in embedded:${to} now`));
      assert.match(shown, /^Copying: 1 of 1 accounts, 0 of 0 messages, 0.0 of 0.0 MiB\n/);
      assert.match(shown, /Verifying: 1 of 1 accounts/);
      const moved = await openEmbeddedStore({ folder: to, clock, log: silentLog });
      assert.equal((await moved.directory.accounts())[0]?.address, "ana@example.org");
      await moved.close();
    }));

  test("says in one sentence what is wrong", () =>
    withFolders(async (from, to) => {
      const source = `embedded:${from}`;
      const refused = async (pair: readonly [string, string], text: RegExp) => {
        const error: unknown = await run(...pair).catch((thrown: unknown) => thrown);
        assert.ok(error instanceof Refusal, String(error));
        assert.match(error.text, text);
        assert.doesNotMatch(error.text, /\n/);
      };
      await refused(["elsewhere", source], /^--from: it must be embedded:FOLDER/);
      await refused([source, "embedded:"], /^--to: it must be embedded:FOLDER/);
      await refused([source, `${source}/.`], /the same store/);
      await refused([source, `embedded:${to}`], /There is no mail store in/);
      const database = "postgres://golub:hunter2@127.0.0.1:1/golub";
      await refused([database, source], /^No PostgreSQL server answers at 127.0.0.1:1: start it/);
      await refused([database, database.replace("hunter2", "other")], /the same store/);
      await refused(["postgres://127.0.0.1", source], /not a PostgreSQL address/);
      assert.deepEqual(await readdir(to), []);
      await fill(from);
      const running = await openEmbeddedStore({ folder: from, clock, log: silentLog });
      await refused(
        [source, `embedded:${to}`],
        /^Another process uses the mail store in .*stop it/,
      );
      await running.close();
      await fill(to);
      await refused([source, `embedded:${to}`], /There is a mail store in .* already/);
    }));

  test("stopped by hand it says so, and goes on the next time", () =>
    withFolders(async (from, to) => {
      await fill(from);
      const pair = [`embedded:${from}`, `embedded:${to}`] as const;
      const stopped = run(...pair, AbortSignal.abort());
      await assert.rejects(stopped, /Stopped. Give the same command again/);
      await assert.rejects(openEmbeddedStore({ folder: to, clock, log: silentLog }), /half copied/);
      await assert.doesNotReject(run(...pair));
    }));

  test("a line has the rate and the time left of its phase", () => {
    const totals = { accounts: 4, messages: 20_000, bodies: 0, bodyBytes: 83_886_080 };
    const done = { accounts: 2, messages: 10_000, bodies: 0, bodyBytes: 41_943_040 };
    const before = { accounts: 0, messages: 0, bodies: 0, bodyBytes: 0 };
    assert.equal(
      formatProgress({ phase: "copy", done, totals, before }, 2000),
      "Copying: 2 of 4 accounts, 10,000 of 20,000 messages, 40.0 of 80.0 MiB, 5,000 messages/s, 2 s left",
    );
    assert.equal(
      formatProgress({ phase: "verify", done, totals, before: done }, 2000),
      "Verifying: 2 of 4 accounts, 10,000 of 20,000 messages, 40.0 of 80.0 MiB",
    );
    assert.deepEqual([1, 89.5, 600, 11_100].map(formatTime), [
      "1 s",
      "90 s",
      "10 min",
      "3 h 5 min",
    ]);
  });
});

async function run(from: string, to: string, signal?: AbortSignal) {
  let shown = "";
  const screen = { isTerminal: false, write: (text: string) => void (shown += text) };
  const stopped = signal === undefined ? {} : { signal };
  const answer = await runMove({ from, to, clock, log: silentLog, screen, ...stopped });
  return { answer, shown };
}

async function fill(folder: string): Promise<void> {
  const store = await openEmbeddedStore({ folder, clock, log: silentLog });
  const account = {
    kind: "directory.accountAdd",
    address: "ana@example.org",
    displayName: "Ana",
    secret: "secret",
    quotaBytes: 0,
    mailboxes: [{ name: "INBOX" }],
  } as const;
  const changes = [{ kind: "directory.domainAdd", name: "example.org" } as const, account];
  await store.apply({ actor: "cli", atMs: 1, changes });
  await store.close();
}

async function withFolders(body: (from: string, to: string) => Promise<void>): Promise<void> {
  const folders = await Promise.all(
    ["from", "to"].map((name) => mkdtemp(path.join(tmpdir(), `golub-${name}-`))),
  );
  const [from = "", to = ""] = folders;
  try {
    await body(from, to);
  } finally {
    for (const folder of folders) await rm(folder, { recursive: true });
  }
}
