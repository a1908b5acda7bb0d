import assert from "node:assert/strict";

import type { Talk } from "../../talk.ts";
import { brief, plainProtocols, tlsProtocols } from "../hostile-case.ts";
import type { HostileCase, Target } from "../hostile-case.ts";

/** The beginning of a ClientHello (RFC 8446 §4.1.2) that goes on for 512 bytes. */
const clientHello = Buffer.concat([
  Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  Buffer.alloc(506, 0x5a),
]);

export const tlsCases: readonly HostileCase[] = [
  {
    name: "tls: plain text and garbage on ports that begin with TLS are cut off",
    async attack(target) {
      const garbage = [
        Buffer.from("EHLO client.test\r\n"),
        Buffer.alloc(4096, 0xff),
        Buffer.alloc(4096),
        Buffer.concat([Buffer.from([0x16, 3, 1, 0xff, 0xff]), Buffer.alloc(70_000, 1)]),
        Buffer.from([0x80, 0x2e, 1, 0, 2, 0, 0x15]),
        clientHello,
      ];
      for (const protocol of tlsProtocols)
        for (const bytes of garbage) {
          const talk = await target.connect(protocol, { isTls: false });
          await talk.send(bytes);
          talk.end();
          const said = await talk.rest(6000);
          assert.doesNotMatch(said, /^(?:220|\+OK|\* OK)/, protocol);
        }
      return `${garbage.length} kinds on ${tlsProtocols.length} ports`;
    },
  },
  {
    name: "tls: a ClientHello on ports that begin in plain text is refused",
    async attack(target) {
      let last = "";
      for (const protocol of plainProtocols) {
        const talk = await target.connect(protocol);
        await talk.line();
        await talk.send(Buffer.concat([clientHello, Buffer.from("\r\n")]));
        last = await talk.answerOrEnd();
        assert.match(last, /^5\d\d|^-ERR|BAD|BYE|closed/, protocol);
        talk.destroy();
      }
      return brief(last);
    },
  },
  {
    name: "tls: what was sent in plain text before STARTTLS is never obeyed",
    async attack(target) {
      await smtpInjection(target, "smtp", "EHLO client.test");
      await smtpInjection(target, "submission", "EHLO client.test");
      await smtpInjection(target, "lmtp", "LHLO client.test");
      await imapInjection(target);
      await popInjection(target);
      return "dropped on smtp, submission, lmtp, imap, pop3";
    },
  },
  {
    name: "tls: garbage after STARTTLS instead of a handshake is cut off",
    async attack(target) {
      for (const [protocol, command] of startCommands) {
        const talk = await target.connect(protocol);
        await talk.line();
        if (protocol === "smtp") await talk.ask("EHLO x");
        await talk.send(`${command}\r\n`);
        await talk.line();
        await talk.send("this is no handshake\r\n".repeat(100));
        await talk.rest(6000);
      }
      return "closed";
    },
  },
  {
    name: "tls: 100 handshakes that stop half way",
    async attack(target) {
      const talks: Talk[] = [];
      for (let count = 0; count < 100; count++) {
        const protocol = tlsProtocols[count % tlsProtocols.length] ?? "imaps";
        const talk = await target.connect(protocol, { isTls: false });
        await talk.send(clientHello.subarray(0, count));
        talks.push(talk);
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
      for (const talk of talks) talk.destroy();
      return "others are served meanwhile";
    },
  },
];

const startCommands: readonly (readonly [string, string])[] = [
  ["smtp", "STARTTLS"],
  ["imap", "t STARTTLS"],
  ["pop3", "STLS"],
];

/** CVE-2011-0411: what follows STARTTLS in the same packet must not be answered after it. */
async function smtpInjection(target: Target, protocol: string, hello: string): Promise<void> {
  const talk = await target.connect(protocol);
  await talk.reply();
  await talk.ask(hello);
  await talk.send("STARTTLS\r\nMAIL FROM:<injected@elsewhere.test>\r\n");
  const answer = await talk.line();
  if (!answer.startsWith("220")) {
    // Refusing to go on with such a client is as good.
    assert.match(answer, /^5\d\d/);
    await talk.rest(5000);
    return;
  }
  assert.equal(talk.waiting, "", "nothing more is said in plain text");
  await talk.startTls();
  // RFC 3207 §4.2: nothing from before counts, so a transaction needs a new greeting.
  assert.match(await talk.ask("RCPT TO:<ana@golub.test>"), /^503/);
  assert.match(await talk.ask(hello), /^250/);
  talk.destroy();
}

async function imapInjection(target: Target): Promise<void> {
  const talk = await target.connect("imap");
  await talk.line();
  const login = `i LOGIN "${target.ana.address}" "${target.ana.password}"\r\n`;
  await talk.send(`t STARTTLS\r\n${login}`);
  assert.match(await talk.line(), /^t OK/);
  assert.equal(talk.waiting, "");
  await talk.startTls();
  const answer = await talk.imap("SELECT INBOX");
  assert.match(answer, /^t (?:BAD|NO)/, "the injected login does not count");
  talk.destroy();
}

/** A user name from before STLS must not count after it either (RFC 2595 §4). */
async function popInjection(target: Target): Promise<void> {
  const talk = await target.connect("pop3");
  await talk.line();
  await talk.pop(`USER ${target.ana.address}`);
  await talk.send(`STLS\r\nUSER ${target.ana.address}\r\n`);
  assert.match(await talk.line(), /^\+OK/);
  assert.equal(talk.waiting, "");
  await talk.startTls();
  assert.match(await talk.pop(`PASS ${target.ana.password}`), /^-ERR/);
  talk.destroy();
}
