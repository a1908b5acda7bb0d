import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { Connection } from "./network.ts";
import { connectPair, networkContract, readText } from "./network.contract.ts";
import { parseNetworks } from "./networks.ts";
import { createRealClock } from "./real-clock.ts";
import { createRealNetwork } from "./real-network.ts";

const clock = createRealClock();

networkContract("real network", () => createRealNetwork({ clock }));

test("a peer that does not read is cut off once nothing leaves any more", async () => {
  const limits = { writeStallMs: 30 };
  await using pair = await connectPair(createRealNetwork({ clock, limits }));
  const block = new Uint8Array(4 * 1024 * 1024);
  const write = async (): Promise<void> => {
    for (let count = 0; count < 16; count++) await pair.server.write(block);
  };
  await assert.rejects(write, ConnectionLost);
  await assert.rejects(pair.server.read(1_000), ConnectionLost);
});

test("a peer that does not read is cut off when too many bytes wait for it", async () => {
  const limits = { unsentBytesMax: 1024 * 1024 };
  await using pair = await connectPair(createRealNetwork({ clock, limits }));
  const block = new Uint8Array(1024 * 1024);
  for (let count = 0; count < 64; count++) void pair.server.write(block);
  await assert.rejects(pair.server.read(1_000), ConnectionLost);
});

test("the end of a connection does not wait for a peer that never ends", async () => {
  const limits = { lingerMs: 30 };
  await using pair = await connectPair(createRealNetwork({ clock, limits }));
  void pair.server.write("221 bye\r\n");
  await pair.server.end();
  assert.equal(await readText(pair.client, 9), "221 bye\r\n");
});

test("the end of a connection does not wait for a peer that never stops talking", async () => {
  const limits = { lingerMs: 5_000, lingerBytesMax: 100_000 };
  await using pair = await connectPair(createRealNetwork({ clock, limits }));
  const talking = (async () => {
    for (;;) await pair.client.write("x".repeat(10_000));
  })().catch(() => undefined);
  await pair.server.end();
  await talking;
});

test("what nobody reads is not taken from the system without bound", async () => {
  await using pair = await connectPair(createRealNetwork({ clock }));
  const block = new Uint8Array(1024 * 1024);
  let sentBlocks = 0;
  const sending = (async () => {
    for (; sentBlocks < 64; sentBlocks++) await pair.client.write(block);
  })();
  await pair.server.read(1_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(sentBlocks < 60, `${sentBlocks} blocks`);
  pair.client.destroy();
  await assert.rejects(sending, ConnectionLost);
});

test("a name is no address, and nobody answering is a timeout", async () => {
  const network = createRealNetwork({ clock });
  const target = { address: "localhost", port: 25, timeoutMs: 1_000 };
  await assert.rejects(network.connect(target), ConnectionLost);
  const silent = net.createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  silent.close();
  await assert.rejects(
    network.connect({ address: "192.0.2.1", port: 25, timeoutMs: 10 }),
    (error) => error instanceof Refusal || error instanceof ConnectionLost,
  );
});

test("a trusted proxy names the peer, and others cannot pretend to be one", async () => {
  const network = createRealNetwork({ clock });
  const accepted = new Array<Connection>();
  const woken = Promise.withResolvers<void>();
  const accept = (connection: Connection): void => {
    accepted.push(connection);
    woken.resolve();
  };
  const where = { address: "127.0.0.1", port: 0 };
  const trusting = await network.listen(
    { ...where, proxyFrom: parseNetworks(["127.0.0.0/8"]) },
    accept,
  );
  const target = { ...trusting.local, timeoutMs: 1_000 };
  const good = await network.connect(target);
  const bad = await network.connect(target);
  void bad.write("EHLO mail.example.org\r\n");
  void good.write("PROXY TCP4 203.0.113.7 192.0.2.1 5555 25\r\nEHLO x\r\n");
  await woken.promise;
  assert.equal(accepted.length, 1);
  const [connection] = accepted;
  assert.deepEqual(connection?.remote, { address: "203.0.113.7", port: 5555 });
  assert.deepEqual(connection?.local, { address: "192.0.2.1", port: 25 });
  assert.deepEqual(Buffer.from((await connection?.read(1_000)) ?? []).toString(), "EHLO x\r\n");
  await assert.rejects(async () => {
    if ((await bad.read(1_000)) === undefined) throw new ConnectionLost("cut off");
  }, ConnectionLost);
  for (const each of [good, bad, ...accepted]) each.destroy();
  await trusting.close();
});
