import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { callAdmin } from "../admin/admin-client.ts";
import { adminSocketPath } from "../admin/socket-path.ts";
import { fromLatin1, latin1 } from "../base/bytes.ts";
import { accountId, journeyId, messageId } from "../base/ids.ts";
import { silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { createMemoryNetwork } from "../net/memory-network.ts";
import type { Connection } from "../net/network.ts";
import { createRealClock } from "../net/real-clock.ts";
import { createStaticResolver } from "../net/resolver-static.ts";
import type { StaticName } from "../net/resolver-static.ts";
import { createVirtualClock } from "../net/virtual-clock.ts";
import { createMemoryStore } from "../store/memory/create-memory-store.ts";
import { verifyDkim } from "../trust/dkim-verify.ts";
import { generateDkimKey, readDkimKey } from "../trust/dkim-keys.ts";
import { viewMessage } from "../trust/message-view.ts";
import { formatZone } from "./cli/format-zone.ts";
import { getConfig } from "./cli/options.ts";
import { createDkimKeys } from "./dkim-keys.ts";
import { createOutgoingSigner } from "./sign-outgoing.ts";
import { startServer } from "./start-server.ts";

const message =
  "From: =?utf-8?Q?Ana?= <ana@golub.example>\r\nTo: bo@remote.example, ana@golub.example\r\n" +
  "Subject: Bok\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@golub.example>\r\n\r\n" +
  "Bok,  Bo.\r\n";

/** Reads until a line that ends an SMTP reply, or `end`. */
async function readUntil(connection: Connection, end: RegExp): Promise<string> {
  let text = "";
  while (!end.test(text)) {
    const bytes = await connection.read(5_000);
    if (bytes === undefined) break;
    text += latin1(bytes);
  }
  return text;
}

/** A server elsewhere that takes one message, and resolves to it as it came. */
async function takeOne(connection: Connection): Promise<string> {
  const line = () => readUntil(connection, /\r\n$/);
  await connection.write("220 mx.remote.example\r\n");
  await line();
  await connection.write("250-mx.remote.example\r\n250 8BITMIME\r\n");
  for (const reply of ["250 ok", "250 ok", "354 go"]) {
    await line();
    await connection.write(`${reply}\r\n`);
  }
  const content = await readUntil(connection, /\r\n\.\r\n$/);
  await connection.write("250 kept\r\n");
  void connection.end();
  return content.slice(0, -3).replaceAll(/^\.\./gm, ".");
}

/** What a resolver says when its zone is exactly the printed lines. */
function addPrinted(zone: Map<string, StaticName>, printed: string): void {
  for (const line of printed.split("\n").filter((each) => !each.startsWith(";"))) {
    const [, name = "", type = "", data = ""] = /^(\S+)\. IN (\S+) (.+)$/.exec(line) ?? [];
    if (type !== "TXT") continue;
    const text = [...data.matchAll(/"([^"]*)"/g)].map((part) => part[1] ?? "").join("");
    zone.set(name, { txt: [...(zone.get(name)?.txt ?? []), text] });
  }
}

test("what a user sends leaves with two signatures that the printed records prove", async () => {
  const folder = mkdtempSync(join(tmpdir(), "golub-sign-"));
  const clock = createRealClock();
  const network = createMemoryNetwork({ clock });
  const zone = new Map<string, StaticName>([
    ["remote.example", { mx: [{ preference: 1, exchange: "mx.remote.example" }] }],
    ["mx.remote.example", { a: ["192.0.2.9"] }],
  ]);
  const resolver = createStaticResolver(zone);
  const store = createMemoryStore({ clock });
  const ports = { clock, random: seededRandom(1), log: silentLog, network, resolver, store };
  const set = ["listen.off=http,https", "server.hostName=mail.golub.example"];
  const server = await startServer({
    readConfig: () => getConfig({ data: folder, set }),
    ports,
    version: "test",
    domains: ["golub.example"],
    passwordCost: { memoryKib: 8, passes: 1, scramIterations: 4096 },
  });
  try {
    const call = async (name: string, args: Record<string, unknown>) => {
      const answer = await callAdmin(adminSocketPath(folder), name, args);
      assert.equal(answer.kind, "result");
      return answer.kind === "result" ? answer.result : undefined;
    };
    await call("domain.add", { domain: "golub.example" });
    await call("account.add", { address: "ana@golub.example", password: "tajna riječ" });
    const printed = formatZone(await call("domain.dns", { domain: "Golub.Example" }));
    const keyFolder = join(folder, "dkim", "golub.example");
    const files = readdirSync(keyFolder);
    assert.match(files.join(" "), /^g\d{6}e\.pem g\d{6}r\.pem$/);
    for (const file of files) assert.equal(statSync(join(keyFolder, file)).mode & 0o777, 0o600);

    const arrived = Promise.withResolvers<string>();
    const remote = network.host("192.0.2.9");
    const listener = await remote.listen({ address: "192.0.2.9", port: 25 }, (connection) => {
      takeOne(connection).then(arrived.resolve, arrived.reject);
    });
    const client = await network.connect({ address: "127.0.0.1", port: 10_587, timeoutMs: 1_000 });
    const secret = Buffer.from("\0ana@golub.example\0tajna riječ").toString("base64");
    const ask = async (line: string, code: RegExp) => {
      if (line !== "") await client.write(`${line}\r\n`);
      assert.match(await readUntil(client, /^\d{3} .*\r\n$/m), code);
    };
    await ask("", /^220/);
    await ask("EHLO laptop.example", /^250/);
    await ask(`AUTH PLAIN ${secret}`, /^235/);
    await ask("MAIL FROM:<ana@golub.example>", /^250/);
    await ask("RCPT TO:<bo@remote.example>", /^250/);
    await ask("RCPT TO:<ana@golub.example>", /^250/);
    await ask("DATA", /^354/);
    await ask(`${message}.`, /^250/);
    client.destroy();
    const came = await arrived.promise;
    await listener.close();

    const view = viewMessage(fromLatin1(came));
    const own = new Map<string, StaticName>();
    addPrinted(own, printed);
    const ownResolver = createStaticResolver(own);
    const judged = await verifyDkim(view, { resolver: ownResolver, nowMs: clock.now() });
    const facts = judged.signatures.map((each) => [each.algorithm, each.result, each.domain]);
    assert.deepEqual(
      facts.toSorted((a, b) => String(a).localeCompare(String(b))),
      [
        ["ed25519-sha256", "pass", "golub.example"],
        ["rsa-sha256", "pass", "golub.example"],
      ],
    );
    assert.match(came, /^DKIM-Signature: v=1; [^]*\r\nReceived: /);
    assert.ok(came.endsWith(message.slice(message.indexOf("From:"))), "the body is not touched");
    for (const name of ["from", "subject", "date", "to", "message-id"]) {
      const signed = judged.signatures[0]?.signedNames.filter((each) => each === name);
      assert.equal(signed?.length, 2, name);
    }
    assert.match(printed, /^golub\.example\. IN MX 10 mail\.golub\.example\.$/m);
    // RFC 6186 §3.2.
    assert.match(
      printed,
      /^_imaps\._tcp\.golub\.example\. IN SRV 0 1 10993 mail\.golub\.example\.$/m,
    );
    assert.deepEqual(own.get("golub.example")?.txt, ["v=spf1 mx -all"]);
    assert.deepEqual(own.get("_dmarc.golub.example")?.txt, ["v=DMARC1; p=quarantine"]);

    const { id } = await server.services.directory.getAccount("ana@golub.example");
    const inbox = (await store.mail.mailboxes(id)).find(({ name }) => name === "INBOX");
    assert.ok(inbox !== undefined);
    const { messageIds } = await store.mail.loadMailbox(id, inbox.id);
    const [row] = await store.mail.messages(id, [messageId(messageIds[0] ?? 0)], ["body"]);
    const prefix = latin1(row?.body.prefix ?? new Uint8Array());
    assert.match(prefix, /^Return-Path: /);
    assert.doesNotMatch(prefix, /DKIM/, "a copy that stays is not signed");
    assert.match(
      JSON.stringify(await call("why", { handle: "1@golub.example" })),
      /signed for golub/,
    );
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
});

const login = { account: accountId(1), address: "ana@golub.example", device: "" };
const journey = journeyId("abcdefghijklmnopqrst");

/** A signer for two domains of ours, with one small key; what it logs is kept. */
async function signerFixture(options: { readonly hostName?: string; readonly broken?: true } = {}) {
  const { hostName = "mail.golub.example", broken } = options;
  const pem = await generateDkimKey("ed25519-sha256");
  const events: string[] = [];
  const domains = ["other.example", "golub.example"];
  const signer = createOutgoingSigner({
    keys: {
      async keysOf(domain) {
        if (broken === true) throw new Error("the disk is gone");
        return [readDkimKey(domain, "s1", pem)];
      },
    },
    directory: {
      hasDomain: async (domain) => domains.includes(domain),
      domains: async () => domains.map((name) => ({ name, createdAtMs: 0 })),
    },
    recipients: { maySendAs: async (_account, address) => address === "info@other.example" },
    clock: createVirtualClock(),
    log: { write: (level, event) => events.push(`${level} ${event}`) },
    hostName,
  });
  const write = (text: string) => fromLatin1(`From: ${text}\r\nSubject: a\r\n\r\nb\r\n`);
  return {
    events,
    signFrom: (text: string) => signer({ journey, login }, write(text)),
    sign: (text: string) => signer({ journey, login: undefined }, write(text)),
  };
}

test("a user's mail is signed for the user's own domain, and for addresses that are the user's", async () => {
  const { signFrom } = await signerFixture();
  const domainOf = async (text: string) => (await signFrom(text)).step.facts["domain"];
  assert.equal(await domainOf("Info <info@golub.example>"), "golub.example");
  assert.equal(await domainOf("info@other.example"), "other.example");
});

test("nothing is signed in the name of others, and the journey says why", async () => {
  const { signFrom, events } = await signerFixture();
  for (const [text, why] of [
    ["boss@other.example", /may not write as boss@other\.example/],
    ["a@elsewhere.example", /elsewhere\.example is not a domain of ours/],
    ["a@golub.example, b@other.example", /From has not one domain/],
    ["nobody", /From has not one domain/],
    ["a@golub.example\r\nFrom: b@golub.example", /there is not one From/],
    ["a@golub.example\r\nno field", /a line that is no field/],
  ] as const) {
    const { fields, step } = await signFrom(text);
    assert.equal(fields, "");
    assert.equal(step.kind, "trust.notSigned");
    assert.match(String(step.facts["why"]), why);
  }
  assert.deepEqual(events, []);
});

test("our notices are signed for the domain that our name is in, else for the first", async () => {
  const near = await signerFixture();
  const far = await signerFixture({ hostName: "mx.example.net" });
  const domainOf = async ({ sign }: typeof near) =>
    /d=([^;]+);/.exec((await sign("MAILER-DAEMON@mail.golub.example")).fields)?.[1];
  assert.equal(await domainOf(near), "golub.example");
  assert.equal(await domainOf(far), "other.example");
});

test("a message that cannot be signed leaves without, and the log says so", async () => {
  const { signFrom, events } = await signerFixture({ broken: true });
  const { fields, step } = await signFrom("ana@golub.example");
  assert.deepEqual([fields, step.kind], ["", "trust.notSigned"]);
  assert.deepEqual(events, ["error trust.signFailed"]);
});

test("keys are kept, and a file that is none is named", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "golub-keys-"));
  try {
    const keys = createDkimKeys({ dataFolder, clock: createVirtualClock() });
    const folder = join(dataFolder, "dkim", "a.example");
    await assert.rejects(keys.keysOf("../a.example"));
    const made = await keys.keysOf("a.example");
    const again = await createDkimKeys({ dataFolder, clock: createVirtualClock() }).keysOf(
      "a.example",
    );
    const selectors = (list: typeof made) => list.map(({ selector }) => selector).toSorted();
    assert.deepEqual(selectors(again), selectors(made));
    writeFileSync(join(folder, "own.pem"), "not a key");
    const broken = createDkimKeys({ dataFolder, clock: createVirtualClock() });
    await assert.rejects(broken.keysOf("a.example"), /own\.pem: The DKIM key must be/);
    rmSync(join(folder, "own.pem"));
    assert.equal((await broken.keysOf("a.example")).length, 2, "it is tried again");
  } finally {
    rmSync(dataFolder, { recursive: true });
  }
});
