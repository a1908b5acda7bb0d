import assert from "node:assert/strict";
import { type Server, type Socket, connect, createServer } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Refusal } from "../../base/faults.ts";
import { silentLog } from "../../base/log.ts";
import { seededRandom } from "../../base/random.ts";
import { createRealClock } from "../../net/real-clock.ts";
import { journeyId } from "../../base/ids.ts";
import type { Change } from "../batch.ts";
import {
  add,
  apply,
  assertRefused,
  inbox,
  makeAccount,
  smallBlob,
  startMs,
  uidsOf,
} from "../contract-fixtures.ts";
import { testDatabases } from "./database-fixture.ts";
import {
  type PostgresLimits,
  type PostgresStore,
  openPostgresStore,
} from "./open-postgres-store.ts";

const databases = testDatabases();
const clock = createRealClock();

describe("PostgreSQL that fails", () => {
  test("a commit whose answer was lost happened once, and is answered as if it had not", () =>
    withDatabase(async (url) => {
      const proxy = await startProxy(url);
      const store = await open(proxy.url);
      try {
        const ana = await makeAccount(store);
        for (let round = 1; round <= 5; round++) {
          proxy.swallowNextCommit();
          const { results, isRepeated } = await apply(store, add(ana, inbox));
          assert.equal(isRepeated, false);
          assert.equal(results[0]?.kind === "mail.messageAdd" && results[0].uid, round);
          assert.equal(proxy.swallowed, round);
        }
        assert.deepEqual(await uidsOf(store, ana), [1, 2, 3, 4, 5]);
      } finally {
        await store.close();
        proxy.stop();
      }
    }));

  test("a commit that is still under way when it is tried again happens once", () =>
    withDatabase(async (url) => {
      const proxy = await startProxy(url);
      const store = await open(proxy.url);
      try {
        const ana = await makeAccount(store);
        await databases.run(url, slowCommits);
        // The second locks nothing that the next try would wait for.
        for (const changes of [[add(ana, inbox)], [enqueue]]) {
          proxy.cutAtNextCommit();
          const { isRepeated, results } = await apply(store, ...changes);
          assert.equal(isRepeated, false);
          assert.equal(results.length, 1);
        }
        assert.deepEqual(await uidsOf(store, ana), [1]);
        assert.deepEqual(await store.queue.counts(), { messages: 1, recipients: 1 });
      } finally {
        await store.close();
        proxy.stop();
      }
    }));

  test("connections that break all the time lose and double nothing", () =>
    withDatabase(async (url) => {
      const store = await open(url);
      try {
        const ana = await makeAccount(store);
        let isOver = false;
        const breaking = (async () => {
          while (!isOver) {
            await databases.run(url, endOthers);
            await wait(15);
          }
        })();
        let acknowledged = 0;
        const client = async () => {
          for (let number = 0; number < 25; number++) {
            await apply(store, add(ana, inbox));
            acknowledged++;
            await store.mail.account(ana);
          }
        };
        await Promise.all(Array.from({ length: 8 }, client));
        isOver = true;
        await breaking;
        await wait(500);
        assert.ok((await databases.countConnections(url)) <= 8 + 4, "connections are not leaked");
        assert.equal(acknowledged, 200);
        const uids = await uidsOf(store, ana);
        assert.deepEqual(
          uids,
          [...uids.keys()].map((index) => index + 1),
        );
        assert.equal(uids.length, 200);
      } finally {
        await store.close();
      }
    }));

  test("while no database answers, writes and reads are refused in time, and go on by themselves", () =>
    withDatabase(async (url) => {
      const proxy = await startProxy(url);
      const store = await open(proxy.url, { patienceMs: 300 });
      try {
        const ana = await makeAccount(store);
        proxy.setDown(true);
        const began = performance.now();
        await Promise.all([
          assertRefused(apply(store, add(ana, inbox)), "unavailable"),
          assertRefused(store.mail.account(ana), "unavailable"),
          assertRefused(store.blobs.put([Buffer.alloc(100_000)]), "unavailable"),
        ]);
        assert.ok(performance.now() - began < 3000);
        proxy.setDown(false);
        await apply(store, add(ana, inbox));
        assert.deepEqual(await uidsOf(store, ana), [1]);
      } finally {
        await store.close();
        proxy.stop();
      }
    }));

  test("a batch that the database itself refuses fails alone", () =>
    withDatabase(async (url) => {
      const store = await open(url);
      try {
        const ana = await makeAccount(store);
        await databases.run(url, "ALTER TABLE log ADD CHECK (actor <> 'bad')");
        const batches = ["good", "bad", "good"].map((actor) =>
          store.apply({ actor, atMs: 1, changes: [add(ana, inbox)] }),
        );
        const answers = await Promise.allSettled(batches);
        assert.deepEqual(
          answers.map(({ status }) => status),
          ["fulfilled", "rejected", "fulfilled"],
        );
        assert.deepEqual(await uidsOf(store, ana), [1, 2]);
      } finally {
        await store.close();
      }
    }));

  test("a name serves one process; the next waits for the first to go", () =>
    withDatabase(async (url) => {
      const first = await open(url);
      const second = open(url);
      await wait(100);
      await first.close();
      await (await second).close();
    }));
});

describe("PostgreSQL that does not fit", () => {
  const cases: Readonly<Record<string, readonly [(url: string) => string, RegExp]>> = {
    "no PostgreSQL address": [() => "http://example.org/x", /not a PostgreSQL address/],
    "no database named": [(url) => new URL("/", url).href, /not a PostgreSQL address/],
    "no server there": [() => "postgres://golub@127.0.0.1:1/x", /No PostgreSQL server answers/],
    "no such host": [() => "postgres://golub@nowhere.invalid/x", /is not known/],
    "no such user": [(url) => withUser(url, "nobody"), /does not let the user nobody in/],
    "no such database": [(url) => `${url}_absent`, /There is no database golub_test_.*_absent/],
  };
  for (const [name, [change, expected]] of Object.entries(cases)) {
    test(`${name}: one sentence`, () =>
      withDatabase(async (url) => {
        const text = await refusalOf(change(url));
        assert.match(text, expected);
        assert.doesNotMatch(text, /secret/);
      }));
  }

  test("a schema newer than the program: one sentence, and nothing changed", () =>
    withDatabase(async (url) => {
      await (await open(url)).close();
      await databases.run(url, "INSERT INTO golub_schema (version) VALUES (99)");
      assert.match(
        await refusalOf(url),
        /schema version 99, but this program knows only up to \d+/,
      );
    }));

  test("a user without rights: one sentence, and nothing changed", () =>
    withDatabase(async (url) => {
      await databases.run(
        url,
        "DROP ROLE IF EXISTS golub_powerless; CREATE ROLE golub_powerless LOGIN PASSWORD 'secret'",
      );
      const powerless = withUser(url, "golub_powerless:secret");
      assert.match(await refusalOf(powerless), /golub_powerless may not make tables/);
      await (await open(url)).close();
      assert.match(await refusalOf(powerless), /golub_powerless may not/);
    }));

  test("servers that open an empty database together make one schema", () =>
    withDatabase(async (url) => {
      const stores = await Promise.all(["a", "b", "c", "d"].map((name) => open(url, {}, name)));
      await makeAccount(stores[0] ?? assert.fail());
      for (const store of stores) {
        assert.equal((await store.directory.accounts()).length, 1);
        await store.close();
      }
    }));
});

/** Makes every commit take a while, after all its statements were answered. */
const slowCommits = `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END';
  CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON commit_key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION slow()`;

const enqueue: Change = {
  kind: "queue.add",
  message: {
    sender: "",
    returnContent: "full",
    needsSmtpUtf8: false,
    bodyKind: "7bit",
    prefix: new Uint8Array(),
    expiresAtMs: startMs,
    journey: journeyId("j".repeat(20)),
  },
  blob: smallBlob("x"),
  recipients: [{ address: "a@x.example", destination: "x.example", notify: [] }],
  dueAtMs: startMs,
};

const endOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

function open(
  url: string,
  limits: Partial<PostgresLimits> = {},
  serverName = "one",
): Promise<PostgresStore> {
  return openPostgresStore({
    url,
    serverName,
    clock,
    random: seededRandom(Math.floor(clock.now())),
    log: silentLog,
    limits,
  });
}

async function refusalOf(url: string): Promise<string> {
  const error = await open(url).then(
    () => assert.fail("the store opened"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Refusal, String(error));
  return error.text;
}

function withUser(url: string, user: string): string {
  return url.replace(/\/\/[^@]*@/, `//${user}@`);
}

async function withDatabase(body: (url: string) => Promise<void>): Promise<void> {
  const url = await databases.make();
  try {
    await body(url);
  } finally {
    await databases.remove(url);
  }
}

/** Stands between a store and its database, and cuts where it is told to. */
async function startProxy(url: string) {
  const folder = decodeURIComponent(new URL(url).hostname);
  const sockets = new Set<Socket>();
  let isArmed = false;
  let isImpatient = false;
  let isDown = false;
  const state = { swallowed: 0 };
  const server: Server = createServer((client) => {
    if (isDown) {
      client.destroy();
      return;
    }
    const database = connect(`${folder}/.s.PGSQL.5432`);
    let isCutting = false;
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (bytes) => {
      if (isArmed && bytes.includes("COMMIT\0")) {
        isArmed = false;
        isCutting = true;
      }
      database.write(bytes);
      // The database goes on with what it has, and finds nobody to tell.
      if (isCutting && isImpatient) client.destroy();
    });
    database.on("data", (bytes) => {
      if (!isCutting) {
        client.write(bytes);
      } else if (bytes.includes("COMMIT\0")) {
        state.swallowed++;
        client.destroy();
      }
    });
    client.on("close", () => {
      if (isCutting && isImpatient) database.end();
      else database.destroy();
    });
    database.on("close", () => client.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const proxied = new URL(url);
  proxied.host = `127.0.0.1:${address.port}`;
  return {
    url: proxied.href,
    get swallowed() {
      return state.swallowed;
    },
    swallowNextCommit: () => void (isArmed = true),
    cutAtNextCommit: () => void (isImpatient = isArmed = true),
    setDown: (value: boolean) => {
      isDown = value;
      for (const socket of sockets) socket.destroy();
    },
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
