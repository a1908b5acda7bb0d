import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";

import { silentLog } from "../base/log.ts";
import { seededRandom } from "../base/random.ts";
import { createSelfSigned } from "../net/self-signed.ts";
import { autoconfig } from "./autoconfig.ts";
import { frontPage } from "./front-page.ts";
import { listenHttp } from "./http-server.ts";
import type { MailService } from "./front-page.ts";
import { chooseLanguage } from "./texts.ts";

const services: readonly MailService[] = [
  { use: "imaps", port: 10_993 },
  { use: "submission", port: 10_587 },
];

async function start() {
  const server = await listenHttp({
    address: "127.0.0.1",
    port: 0,
    log: silentLog,
    routes: new Map([
      ["/", (request) => frontPage(request, services, "example.org")],
      ["/mail/config-v1.1.xml", (request) => autoconfig(request, services, ["example.org"])],
    ]),
  });
  return { base: `http://127.0.0.1:${server.local.port}`, server };
}

test("the front page shows the settings in the language that the browser asks for", async () => {
  const { base, server } = await start();
  const page = await fetch(`${base}/`, { headers: { "accept-language": "hr,en;q=0.5" } });
  const text = await page.text();
  assert.equal(page.status, 200);
  assert.match(text, /<html lang="hr">/);
  assert.match(text, /Čitanje, IMAP.*<td>127\.0\.0\.1<\/td><td>10993<\/td><td>TLS/);
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  await server.close();
});

test("a link chooses another language, unknown ones do not", async () => {
  const { base, server } = await start();
  assert.match(await (await fetch(`${base}/?lang=sr`)).text(), /lang="sr-Cyrl"/);
  assert.match(await (await fetch(`${base}/?lang=%22x`)).text(), /<html lang="en">/);
  await server.close();
});

test("mail programs find the settings file", async () => {
  const { base, server } = await start();
  const xml = await (await fetch(`${base}/mail/config-v1.1.xml?emailaddress=a@b`)).text();
  assert.match(
    xml,
    /<incomingServer type="imap">\s*<hostname>127\.0\.0\.1<\/hostname>\s*<port>10993/,
  );
  assert.match(xml, /<outgoingServer type="smtp">[^]*STARTTLS/);
  await server.close();
});

test("other methods and unknown pages get a plain answer", async () => {
  const { base, server } = await start();
  assert.equal((await fetch(`${base}/`, { method: "POST", body: "x" })).status, 405);
  assert.equal((await fetch(`${base}/nowhere`)).status, 404);
  await server.close();
});

test("bytes that are not HTTP end the connection and nothing else", async () => {
  const { base, server } = await start();
  const ended = await new Promise<boolean>((resolve) => {
    const socket = connect(server.local.port, "127.0.0.1", () => socket.end("\0\xff\r\n\r\n"));
    socket.on("close", () => resolve(true)).resume();
  });
  assert.equal(ended, true);
  assert.equal((await fetch(`${base}/`)).status, 200);
  await server.close();
});

test("a handshake that never comes does not hold up the end", { timeout: 3000 }, async () => {
  const random = seededRandom(1);
  const certificate = createSelfSigned({ names: ["127.0.0.1"], nowMs: 1_800_000_000_000, random });
  const server = await listenHttp({
    ...{ address: "127.0.0.1", port: 0, certificate, log: silentLog },
    routes: new Map([["/", () => ({ status: 200, type: "text/plain", body: "" })]]),
  });
  const socket = connect(server.local.port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  // Answered on a connection behind it, so the silent one has been accepted by now.
  const other = connectTls({ port: server.local.port, rejectUnauthorized: false });
  await new Promise((resolve) => other.once("secureConnect", resolve));
  const ended = new Promise((resolve) =>
    socket.on("error", () => undefined).once("close", resolve),
  );
  await server.close();
  await ended;
});

test("the language follows the weights of the header", () => {
  assert.equal(chooseLanguage("de, pl;q=0.4, bg;q=0.9"), "bg");
  assert.equal(chooseLanguage("sr-Latn-RS"), "sr-latn");
  assert.equal(chooseLanguage("sr-RS"), "sr");
  assert.equal(chooseLanguage("constructor, fr"), "en");
});
