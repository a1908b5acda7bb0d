import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { callAdmin } from "../admin/admin-client.ts";
import { adminSocketPath } from "../admin/socket-path.ts";
import { Refusal } from "../base/faults.ts";
import { silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { createMemoryNetwork } from "../net/memory-network.ts";
import { createRealClock } from "../net/real-clock.ts";
import { createOffResolver } from "../net/resolver-off.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { getConfig } from "./cli/options.ts";
import { sendWelcome } from "./cli/trial.ts";
import { startServer } from "./start-server.ts";

const off = "listen.off=http,https";

/** A server on a network in memory, with one account. Sockets: only admin's, in a folder. */
async function startFixture() {
  const folder = mkdtempSync(join(tmpdir(), "golub-app-"));
  const file = join(folder, "golub.toml");
  writeFileSync(file, "");
  const clock = createRealClock();
  const random = seededRandom(1);
  const network = createMemoryNetwork({ clock });
  const store = createMemoryStore({ clock });
  const ports = { clock, random, log: silentLog, network, resolver: createOffResolver(), store };
  const readConfig = () => getConfig({ config: file, data: folder, set: [off] });
  const start = () =>
    startServer({ readConfig, ports, version: "test", domains: ["golub.test"], passwordCost });
  const server = await start();
  const { directory } = server.services;
  await directory.addDomain("golub.test");
  await directory.addAccount({ address: "ana@golub.test", password: "tajna riječ" });
  const socket = adminSocketPath(folder);
  return {
    ports,
    server,
    file,
    start,
    call: async (name: string, args: Record<string, unknown> = {}) => {
      const answer = await callAdmin(socket, name, args);
      return answer.kind === "result" ? answer.result : answer.kind;
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const passwordCost = { memoryKib: 8, passes: 1, scramIterations: 4096 };

test("a message comes in by SMTP, lies in the inbox, and its journey says so", async () => {
  await using fixture = await startFixture();
  const { server, ports, call } = fixture;
  await sendWelcome(
    server,
    ports,
    { address: "ana@golub.test", password: "" },
    (verb) => `golub ${verb}`,
  );
  const account = await server.services.directory.getAccount("ana@golub.test");
  const mail = server.services.mail.open(account.id, "test");
  assert.equal((await mail.getMailbox("INBOX")).totalCount, 1);
  const found = await call("why", { handle: "ana@golub.test" });
  assert.match(JSON.stringify(found), /INBOX/);
});

test("the listeners are those of the table, each with its port", async () => {
  await using fixture = await startFixture();
  const ports = new Map(fixture.server.listeners.map(({ protocol, port }) => [protocol, port]));
  assert.equal(ports.get("smtp"), 10_025);
  assert.equal(ports.get("smtp-alt"), 12_525);
  assert.equal(ports.get("imaps-legacy"), 10_585);
  assert.equal(ports.has("http"), false);
  assert.equal(ports.size, 10);
});

test("a reload applies limits to new connections and says what needs a restart", async () => {
  await using fixture = await startFixture();
  const { file, server, ports } = fixture;
  const greet = async () => {
    const connection = await ports.network.connect({
      address: "127.0.0.1",
      port: 10_025,
      timeoutMs: 1_000,
    });
    await connection.read(1_000);
    await connection.write("EHLO a.example\r\n");
    const reply = Buffer.from((await connection.read(1_000)) ?? []).toString();
    return { connection, reply };
  };
  const before = await greet();
  assert.match(before.reply, /SIZE 52428800/);
  writeFileSync(file, '[limits]\nmessageSizeMax = "1 MiB"\n[queue]\nexpireAfter = "2 d"\n');
  const sentences = await server.reload();
  assert.ok(sentences.some((text) => text.startsWith("limits.messageSizeMax counts")));
  assert.ok(
    sentences.some((text) => text === "queue.expireAfter was changed: it counts after a restart."),
  );
  const after = await greet();
  assert.match(after.reply, /SIZE 1048576/);
  await before.connection.write("NOOP\r\n");
  assert.match(Buffer.from((await before.connection.read(1_000)) ?? []).toString(), /^250/);
  before.connection.destroy();
  after.connection.destroy();
});

test("a reload of a broken file says where, and everything stays", async () => {
  await using fixture = await startFixture();
  writeFileSync(fixture.file, "[limits]\nnothing = 1\n");
  await assert.rejects(fixture.server.reload(), (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.match(error.text, /golub\.toml:2: There is no setting limits\.nothing/);
    return true;
  });
  assert.equal(typeof (await fixture.call("server.status")), "object");
});

test("what administrators do through the socket is checked, done, and seen", async () => {
  await using fixture = await startFixture();
  const { call } = fixture;
  await call("account.add", { address: "Boris@golub.test", password: "još jedna" });
  await call("alias.put", { address: "info@golub.test", targets: ["boris@golub.test"] });
  const accounts = JSON.stringify(await call("account.list"));
  assert.match(accounts, /"boris@golub.test"/);
  assert.doesNotMatch(accounts, /argon2/);
  const refused = (name: string, args: Record<string, unknown>, text: RegExp) =>
    assert.rejects(
      call(name, args),
      (error: unknown) => error instanceof Refusal && text.test(error.text),
    );
  await refused("account.add", { address: "boris@golub.test", password: "x1234567" }, /exists/);
  await refused("account.add", { address: "c@golub.test" }, /password is missing/);
  await refused("account.list", { secret: true }, /There is no argument secret/);
  await refused("constructor", {}, /There is no operation constructor/);
  await refused("queue.show", { id: 7 }, /No such message/);
});

test("two servers cannot have one port, and the second says which", async () => {
  await using fixture = await startFixture();
  const { store, ...rest } = fixture.ports;
  const other = createMemoryStore({ clock: rest.clock, disk: store.disk });
  const folder = mkdtempSync(join(tmpdir(), "golub-app-"));
  const options = {
    readConfig: () => getConfig({ data: folder, set: [off] }),
    ports: { ...rest, store: other },
    version: "test",
    domains: [],
  };
  await assert.rejects(startServer(options), /Cannot listen for smtp on port 10025/);
  rmSync(folder, { recursive: true });
});

test("a device gets a password once, fetches with it, and is made to forget", async () => {
  await using fixture = await startFixture();
  const { call, server, ports } = fixture;
  const address = "ana@golub.test";
  await sendWelcome(server, ports, { address, password: "" }, (verb) => `golub ${verb}`);
  const made = JSON.stringify(await call("device.add", { address, device: "Phone" }));
  const [, login, password] = /"login":"(.*)","password":"(.*)"/.exec(made) ?? [];
  assert.equal(login, "ana@golub.test+phone");
  /** What POP3 answers to STAT, and to RETR and QUIT where something is there. */
  const fetch = async (name: string) => {
    const connection = await ports.network.connect({
      address: "127.0.0.1",
      port: 10_110,
      timeoutMs: 1_000,
    });
    const ask = async (line: string, end = "\r\n") => {
      let answer = "";
      await connection.write(line);
      while (!answer.endsWith(end)) {
        answer += Buffer.from((await connection.read(1_000)) ?? end).toString();
      }
      return answer;
    };
    await ask("");
    await ask(`USER ${name}\r\n`);
    const welcome = await ask(`PASS ${password}\r\n`);
    const stat = welcome.startsWith("+OK") ? await ask("STAT\r\n") : welcome;
    if (stat.startsWith("+OK 1")) await ask("RETR 1\r\n", "\r\n.\r\n");
    await ask("QUIT\r\n");
    connection.destroy();
    return stat;
  };
  assert.match(await fetch(address), /^\+OK 1 /);
  assert.match(await fetch("ana+phone"), /^\+OK 0 /, "the password named the device before, too");
  const listed = JSON.stringify(await call("device.list", { address }));
  assert.match(listed, /^\[\{"device":"phone","createdAtMs":\d+,"lastUsedAtMs":\d+\}\]$/);
  await call("device.forget", { address, device: "phone" });
  assert.match(await fetch(address), /^\+OK 1 /);
  assert.deepEqual(await call("account.pop3", { address, onDelete: "trash" }), {
    onDelete: "trash",
    markRead: "server",
  });
  await assert.rejects(call("account.pop3", { address, markRead: "maybe" }), Refusal);
  await call("device.remove", { address, device: "phone" });
  assert.match(await fetch(address), /^-ERR \[AUTH\]/);
});
