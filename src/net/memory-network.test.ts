import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import { seededRandom } from "../base/random.ts";
import type { Link } from "./memory-network.ts";
import { createMemoryNetwork } from "./memory-network.ts";
import { MemoryTlsContext } from "./memory-tls.ts";
import type { Connection } from "./network.ts";
import { networkContract, readText } from "./network.contract.ts";
import { parseNetworks } from "./networks.ts";
import { createRealClock } from "./real-clock.ts";
import { createVirtualClock } from "./virtual-clock.ts";

networkContract("memory network", () => createMemoryNetwork({ clock: createRealClock() }));

networkContract("memory network in pieces, with latency", () => {
  const random = seededRandom(7);
  return createMemoryNetwork({
    clock: createRealClock(),
    link: () => ({ latencyMs: 1, random }),
  });
});

const where = { address: "192.0.2.25", port: 25 };

/** A client at 198.51.100.1 that is connected to a server at 192.0.2.25, under virtual time. */
async function world(link: Link = {}, proxyFrom?: ReturnType<typeof parseNetworks>) {
  const clock = createVirtualClock();
  const network = createMemoryNetwork({ clock, writeStallMs: 5_000, link: () => link });
  const accepted = Promise.withResolvers<Connection>();
  const options = proxyFrom === undefined ? where : { ...where, proxyFrom };
  await network.host(where.address).listen(options, accepted.resolve);
  const connecting = network.host("198.51.100.1").connect({ ...where, timeoutMs: 30_000 });
  const open = async () => {
    const client = await clock.run(connecting);
    return { client, server: await accepted.promise };
  };
  return { clock, network, accepted: accepted.promise, connecting, open };
}

test("bytes take the time that the way takes", async () => {
  const { clock, open } = await world({ latencyMs: 40 });
  const { client, server } = await open();
  assert.equal(clock.monotonicMs(), 80);
  assert.equal(server.remote.address, "198.51.100.1");
  void client.write("x");
  const reading = server.read(1_000);
  await clock.run(reading);
  assert.equal(clock.monotonicMs(), 120);
});

test("a narrow way delivers at its rate", async () => {
  const { clock, open } = await world({ bytesPerSecond: 1_000, random: seededRandom(1) });
  const { client, server } = await open();
  void client.write(new Uint8Array(10_000));
  await clock.run(readText(server, 10_000));
  assert.ok(Math.abs(clock.monotonicMs() - 10_000) < 20, String(clock.monotonicMs()));
});

test("a way that is refused, silent or cut says so", async () => {
  const refused = await world({ obstacle: "refused" });
  await assert.rejects(refused.connecting, ConnectionLost);
  const silent = await world({ obstacle: "silent" });
  await assert.rejects(silent.clock.run(silent.connecting), Refusal);
  assert.equal(silent.clock.monotonicMs(), 30_000);

  const cut = await world({ cutAfterSentBytes: 5 });
  const { client, server } = await cut.open();
  void client.write("MAIL FROM:<>\r\n");
  assert.equal(await readText(server, 5), "MAIL ");
  await assert.rejects(server.read(1_000), ConnectionLost);
  await assert.rejects(client.read(1_000), ConnectionLost);
});

test("a peer that does not read holds the writer up, and loses the connection in the end", async () => {
  const { clock, open } = await world({ windowBytes: 1_000 });
  const { client, server } = await open();
  assert.equal(client.write(new Uint8Array(900)), undefined);
  const wait = client.write(new Uint8Array(900));
  assert.ok(wait !== undefined);
  await server.read(1_000);
  await wait;
  const lost = client.write(new Uint8Array(900));
  await assert.rejects(clock.run(Promise.resolve(lost)), ConnectionLost);
  await assert.rejects(async () => client.write("more"), ConnectionLost);
});

test("a machine that crashes takes its connections and listeners with it", async () => {
  const { network, open } = await world();
  const { client } = await open();
  assert.equal(network.openCount, 1);
  network.crash(where.address);
  await assert.rejects(client.read(1_000), ConnectionLost);
  await assert.rejects(network.connect({ ...where, timeoutMs: 1_000 }), ConnectionLost);
  assert.equal(network.openCount, 0);
});

test("connections that end in good order are forgotten", async () => {
  const { network, open, clock } = await world();
  const { client, server } = await open();
  await clock.run(Promise.all([client.end(), server.end()]));
  assert.equal(network.openCount, 0);
});

test("TLS is a fact that both ends know, with one exporter", async () => {
  const { open } = await world();
  const { client, server } = await open();
  const context = new MemoryTlsContext({ names: ["mail.example.org"] });
  // Sent in plain text and read by nobody: it is no part of TLS.
  void client.write("RSET\r\n");
  await Promise.all([
    client.startTlsClient({ serverName: "Mail.example.org", mustVerify: true }, 1_000),
    server.startTlsServer(context, 1_000),
  ]);
  assert.equal(client.tls?.isPeerVerified, true);
  assert.equal(server.tls?.serverName, "mail.example.org");
  assert.deepEqual(server.tls?.exporter, client.tls?.exporter);
  void client.write("EHLO x\r\n");
  assert.equal(await readText(server, 8), "EHLO x\r\n");
});

test("a certificate for another name, or of nobody known, is refused by who must verify", async () => {
  for (const context of [
    new MemoryTlsContext({ names: ["other.example.org"] }),
    new MemoryTlsContext({ names: ["mail.example.org"], isTrusted: false }),
  ]) {
    for (const mustVerify of [true, false]) {
      const { open } = await world();
      const { client, server } = await open();
      const serving = server.startTlsServer(context, 1_000);
      const asking = client.startTlsClient({ serverName: "mail.example.org", mustVerify }, 1_000);
      if (mustVerify) await assert.rejects(asking, ConnectionLost);
      else await asking;
      await serving;
      assert.equal(client.tls?.isPeerVerified, mustVerify ? undefined : false);
    }
  }
});

test("a handshake where plain text is spoken fails on both sides", async () => {
  const one = await (await world()).open();
  void one.server.write("220 hello\r\n");
  const asking = one.client.startTlsClient({ serverName: "x", mustVerify: false }, 1_000);
  const hello = await one.server.read(1_000);
  assert.equal(hello?.[0], 0x16);
  void one.server.write("500 what?\r\n");
  await assert.rejects(asking, ConnectionLost);

  const { clock, open } = await world();
  const { client, server } = await open();
  const serving = server.startTlsServer(new MemoryTlsContext({ names: [] }), 1_000);
  const failing = assert.rejects(serving, ConnectionLost);
  void client.write("EHLO x\r\n");
  await failing;
  await clock.settle();
});

test("a PROXY header works in memory too", async () => {
  const { connecting, accepted, clock } = await world({}, parseNetworks(["198.51.100.0/24"]));
  const client = await clock.run(connecting);
  void client.write("PROXY TCP4 203.0.113.9 192.0.2.25 4242 25\r\nEHLO x\r\n");
  const server = await accepted;
  assert.deepEqual(server.remote, { address: "203.0.113.9", port: 4242 });
  assert.equal(await readText(server, 8), "EHLO x\r\n");
});
