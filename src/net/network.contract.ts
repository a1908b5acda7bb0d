import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import type { Connection, Listener, Network } from "./network.ts";

/** A pair of connected ends, and how to take everything down. */
export interface Pair extends AsyncDisposable {
  readonly client: Connection;
  readonly server: Connection;
  readonly listener: Listener;
}

export async function connectPair(network: Network): Promise<Pair> {
  const accepted = Promise.withResolvers<Connection>();
  const listener = await network.listen({ address: "127.0.0.1", port: 0 }, (connection) =>
    accepted.resolve(connection),
  );
  const { address, port } = listener.local;
  const client = await network.connect({ address, port, timeoutMs: 5_000 });
  const server = await accepted.promise;
  return {
    client,
    server,
    listener,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.destroy();
      await listener.close();
    },
  };
}

const waitMs = 5_000;

/** Reads until `count` bytes are there or the peer has ended its side. */
export async function readText(connection: Connection, count = Infinity): Promise<string> {
  let text = "";
  while (text.length < count) {
    const bytes = await connection.read(waitMs);
    if (bytes === undefined) break;
    text += Buffer.from(bytes).toString("latin1");
  }
  return text;
}

/** What every Network does. */
export function networkContract(name: string, create: () => Network): void {
  test(`${name}: bytes and Latin-1 text arrive in order in both directions`, async () => {
    await using pair = await connectPair(create());
    void pair.client.write("EHLO \xe9\r\n");
    void pair.client.write(Uint8Array.of(1, 2, 255));
    assert.equal(await readText(pair.server, 11), "EHLO \xe9\r\n\x01\x02\xff");
    void pair.server.write("250 ok\r\n");
    assert.equal(await readText(pair.client, 8), "250 ok\r\n");
  });

  test(`${name}: both ends know each other's address`, async () => {
    await using pair = await connectPair(create());
    assert.deepEqual(pair.server.remote, pair.client.local);
    assert.deepEqual(pair.client.remote, pair.server.local);
    assert.equal(pair.client.remote.address, "127.0.0.1");
    assert.equal(pair.client.tls, undefined);
  });

  test(`${name}: a silent peer ends a read with a timeout, and the next read goes on`, async () => {
    await using pair = await connectPair(create());
    await assert.rejects(pair.server.read(15), (error) => {
      return error instanceof Refusal && error.reason === "timeout";
    });
    void pair.client.write("late");
    assert.equal(await readText(pair.server, 4), "late");
  });

  test(`${name}: a peer that has ended its side still gets the answer`, async () => {
    await using pair = await connectPair(create());
    void pair.client.write("QUIT\r\n");
    const ended = pair.client.end();
    assert.equal(await readText(pair.server), "QUIT\r\n");
    assert.equal(await pair.server.read(waitMs), undefined);
    await pair.server.end();
    await ended;
  });

  test(`${name}: words written before the end arrive before it`, async () => {
    await using pair = await connectPair(create());
    const words = "221 bye\r\n".repeat(1000);
    void pair.server.write(words);
    const ended = pair.server.end();
    assert.equal(await readText(pair.client), words);
    await pair.client.end();
    await ended;
  });

  test(`${name}: a connection that breaks is ConnectionLost for reads and writes`, async () => {
    await using pair = await connectPair(create());
    const reading = pair.client.read(waitMs);
    pair.client.destroy();
    await assert.rejects(reading, ConnectionLost);
    await assert.rejects(pair.client.read(waitMs), ConnectionLost);
    await assert.rejects(async () => pair.client.write("x"), ConnectionLost);
  });

  test(`${name}: a port where nobody listens is ConnectionLost`, async () => {
    const network = create();
    const listener = await network.listen({ address: "127.0.0.1", port: 0 }, () => undefined);
    await listener.close();
    const target = { ...listener.local, timeoutMs: waitMs };
    await assert.rejects(network.connect(target), ConnectionLost);
  });

  test(`${name}: a writer waits for a slow reader, and nothing is lost`, async () => {
    await using pair = await connectPair(create());
    const block = new Uint8Array(1024 * 1024).fill(7);
    let hasWaited = false;
    const writing = (async () => {
      for (let count = 0; count < 16; count++) {
        const wait = pair.client.write(block);
        hasWaited ||= wait !== undefined;
        await wait;
      }
      await pair.client.end();
    })();
    let bytes = 0;
    for (;;) {
      const part = await pair.server.read(waitMs);
      if (part === undefined) break;
      bytes += part.length;
    }
    assert.equal(bytes, 16 * block.length);
    assert.ok(hasWaited);
    await pair.server.end();
    await writing;
  });
}
