import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { ConnectionLost, Refusal } from "../base/faults.ts";
import { seededRandom } from "../base/random.ts";
import type { Connection } from "./network.ts";
import { connectPair, readText } from "./network.contract.ts";
import type { Pair } from "./network.contract.ts";
import { parseNetworks } from "./networks.ts";
import { createRealClock } from "./real-clock.ts";
import { createRealNetwork } from "./real-network.ts";
import { createSelfSigned } from "./self-signed.ts";
import { CertificateContext } from "./tls-context.ts";

const clock = createRealClock();
const random = seededRandom(2);
const make = (...names: string[]) => createSelfSigned({ names, nowMs: clock.now(), random });
const pairA = make(
  "mail.example.org",
  "*.example.net",
  "127.0.0.1",
  "2001:db8::1",
  "po\u0161ta.hr",
);
const pairB = make("other.example.org");
const waitMs = 5_000;

/** Both ends shake hands. */
async function secure(
  { client, server }: Pair,
  context: CertificateContext,
  serverName: string,
  extraCa?: string,
): Promise<void> {
  await Promise.all([
    server.startTlsServer(context, waitMs),
    client.startTlsClient(
      {
        serverName,
        mustVerify: extraCa !== undefined,
        ...(extraCa === undefined ? {} : { extraCa }),
      },
      waitMs,
    ),
  ]);
}

test("a self-signed certificate serves its names and addresses, and no others", async () => {
  const context = new CertificateContext([pairA]);
  const names = ["mail.example.org", "x.example.net", "127.0.0.1", "xn--pota-h6a.hr"];
  for (const name of names) {
    await using pair = await connectPair(createRealNetwork({ clock }));
    await secure(pair, context, name, pairA.certificate);
    assert.equal(pair.client.tls?.isPeerVerified, true, name);
  }
  await using pair = await connectPair(createRealNetwork({ clock }));
  const refused = pair.client.startTlsClient(
    { serverName: "example.com", mustVerify: true, extraCa: pairA.certificate },
    waitMs,
  );
  void pair.server.startTlsServer(context, waitMs).catch(() => undefined);
  await assert.rejects(refused, ConnectionLost);
});

test("openssl finds the certificate well-formed", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "golub-"));
  try {
    if (spawnSync("openssl", ["version"]).status !== 0) return context.skip("no openssl here");
    const path = join(folder, "cert.pem");
    writeFileSync(path, pairA.certificate);
    const verified = execFileSync("openssl", ["verify", "-x509_strict", "-CAfile", path, path]);
    assert.match(verified.toString(), /OK/);
    const text = execFileSync("openssl", ["x509", "-in", path, "-noout", "-text"]).toString();
    assert.match(text, /DNS:mail\.example\.org, DNS:\*\.example\.net, IP Address:127\.0\.0\.1/);
    assert.match(text, /IP Address:2001:DB8:0:0:0:0:0:1/);
    assert.match(text, /CA:FALSE/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a certificate lasts 825 days, also past 2050", () => {
  const nowMs = Date.UTC(2049, 11, 31);
  const made = new X509Certificate(
    createSelfSigned({ names: ["a.test"], nowMs, random }).certificate,
  );
  const days = (made.validToDate.getTime() - made.validFromDate.getTime()) / 86_400_000;
  assert.equal(days, 825);
  assert.throws(() => make("a b"), Refusal);
});

test("TLS carries bytes both ways, and both ends know the same facts", async () => {
  await using pair = await connectPair(createRealNetwork({ clock }));
  await secure(pair, new CertificateContext([pairA]), "Mail.Example.org");
  const { client, server } = pair;
  assert.equal(server.tls?.version, "TLSv1.3");
  assert.match(server.tls?.cipher ?? "", /^TLS_/);
  assert.equal(server.tls?.serverName, "mail.example.org");
  assert.equal(client.tls?.isPeerVerified, false);
  assert.equal(server.tls?.exporter?.length, 32);
  assert.deepEqual(server.tls?.exporter, client.tls?.exporter);
  void client.write("EHLO x\r\n");
  assert.equal(await readText(server, 8), "EHLO x\r\n");
  void server.write("250 ok\r\n");
  const ended = server.end();
  assert.equal(await readText(client), "250 ok\r\n");
  await client.end();
  await ended;
});

test("STARTTLS begins where plain text ends, and plain text behind it is not protected", async () => {
  await using pair = await connectPair(createRealNetwork({ clock }));
  const { client, server } = pair;
  void client.write("STARTTLS\r\nMAIL FROM:<injected@example.org>\r\n");
  assert.match(await readText(server, 10), /^STARTTLS\r\n/);
  void server.write("220 go\r\n");
  assert.equal(await readText(client, 8), "220 go\r\n");
  await secure(pair, new CertificateContext([pairA]), "mail.example.org");
  void client.write("EHLO again\r\n");
  assert.equal(await readText(server, 12), "EHLO again\r\n");
});

test("plain text that nobody has read is dropped when TLS starts", async () => {
  await using pair = await connectPair(createRealNetwork({ clock }));
  const { client, server } = pair;
  void client.write("STARTTLS\r\n");
  await readText(server, 10);
  // It arrives while nobody reads: the connection holds it.
  void client.write("RSET\r\n");
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await secure(pair, new CertificateContext([pairA]), "mail.example.org");
  void client.write("NOOP\r\n");
  assert.equal(await readText(server, 6), "NOOP\r\n");
});

test("a handshake may come in one packet with the PROXY header before it", async () => {
  const network = createRealNetwork({ clock });
  const accepted = Promise.withResolvers<Connection>();
  const where = { address: "127.0.0.1", port: 0, proxyFrom: parseNetworks(["127.0.0.1"]) };
  const listener = await network.listen(where, accepted.resolve);
  const socket = net.connect(listener.local.port, "127.0.0.1");
  socket.cork();
  socket.write("PROXY TCP4 203.0.113.7 192.0.2.1 5555 465\r\n");
  const peer = tls.connect({ socket, rejectUnauthorized: false });
  process.nextTick(() => socket.uncork());
  const server = await accepted.promise;
  await server.startTlsServer(new CertificateContext([pairA]), waitMs);
  assert.equal(server.remote.address, "203.0.113.7");
  peer.write("EHLO x\r\n");
  assert.equal(await readText(server, 8), "EHLO x\r\n");
  peer.destroy();
  server.destroy();
  await listener.close();
});

test("what is no TLS breaks the connection, and silence ends in a timeout", async () => {
  const context = new CertificateContext([pairA]);
  await using garbled = await connectPair(createRealNetwork({ clock }));
  void garbled.client.write("EHLO plain text on a TLS port\r\n");
  await assert.rejects(garbled.server.startTlsServer(context, waitMs), ConnectionLost);
  await assert.rejects(garbled.server.read(waitMs), ConnectionLost);

  await using silent = await connectPair(createRealNetwork({ clock }));
  await assert.rejects(silent.server.startTlsServer(context, 20), Refusal);

  await using gone = await connectPair(createRealNetwork({ clock }));
  gone.client.destroy();
  await assert.rejects(gone.server.startTlsServer(context, waitMs), ConnectionLost);

  await using plain = await connectPair(createRealNetwork({ clock }));
  void plain.server.write("220 plain\r\n");
  const options = { serverName: "mail.example.org", mustVerify: false };
  await assert.rejects(plain.client.startTlsClient(options, waitMs), ConnectionLost);
});

test("the certificate is chosen by the name asked for, and can be replaced while running", async () => {
  const context = new CertificateContext([pairA, pairB]);
  const trust = async (name: string, certificate: string): Promise<boolean | undefined> => {
    await using pair = await connectPair(createRealNetwork({ clock }));
    await secure(pair, context, name, certificate);
    return pair.client.tls?.isPeerVerified;
  };
  assert.equal(await trust("other.example.org", pairB.certificate), true);
  assert.equal(await trust("x.example.net", pairA.certificate), true);
  const renewed = make("mail.example.org");
  context.replace([renewed]);
  assert.equal(await trust("mail.example.org", renewed.certificate), true);
  assert.throws(() => context.replace([{ ...renewed, key: pairA.key }]), Refusal);
  assert.throws(() => context.replace([{ certificate: "x", key: "y" }]), Refusal);
  assert.throws(() => context.replace([]), Refusal);
  assert.equal(await trust("mail.example.org", renewed.certificate), true);
});
