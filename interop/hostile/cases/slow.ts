import assert from "node:assert/strict";

import { openImap, openSmtp } from "../../mail-talk.ts";
import type { Talk } from "../../talk.ts";
import { plainProtocols, tlsProtocols } from "../hostile-case.ts";
import type { HostileCase, Target } from "../hostile-case.ts";

export const slowCases: readonly HostileCase[] = [
  {
    name: "slow: silence is ended on every port",
    secondsMax: 45,
    isPatient: true,
    async attack(target) {
      const names = [...plainProtocols, ...tlsProtocols, "http"];
      return timed(names, async (protocol) => (await target.connect(protocol)).rest(40_000));
    },
  },
  {
    name: "slow: a command that drips by bytes is ended on every mail port",
    secondsMax: 30,
    isPatient: true,
    async attack(target) {
      const names = [...plainProtocols, "submissions", "pop3s", "imaps"];
      return timed(names, async (protocol) => {
        const talk = await target.connect(protocol);
        await talk.line();
        await drip(talk, "t NOOP ", 25_000);
      });
    },
  },
  {
    name: "slow: a handshake that drips or never comes is ended on every TLS port",
    secondsMax: 45,
    isPatient: true,
    attack: (target) =>
      timed(tlsProtocols, async (protocol) => {
        const silent = await target.connect(protocol, { isTls: false });
        const dripping = await target.connect(protocol, { isTls: false });
        await Promise.all([silent.rest(40_000), drip(dripping, "\x16\x03\x01\x02\0\x01", 40_000)]);
      }),
  },
  {
    name: "slow: HTTP headers and bodies that drip are ended",
    secondsMax: 45,
    isPatient: true,
    attack: (target) =>
      timed(["http", "https"], async (protocol) => {
        const headers = await target.connect(protocol);
        await headers.send("GET / HTTP/1.1\r\nHost: x\r\n");
        await drip(headers, "X-A: b\r\n", 40_000);
      }),
  },
  {
    name: "slow: a literal before login that drips is ended",
    secondsMax: 30,
    isPatient: true,
    attack: (target) =>
      timed(["imap", "imaps"], async (protocol) => {
        const talk = await target.connect(protocol);
        await talk.line();
        await talk.send("t LOGIN {1000+}\r\n");
        await drip(talk, "aaaaaa", 25_000);
      }),
  },
  {
    name: "slow: 200 messages and 50 literals that drip hold nobody else up",
    async attack(target) {
      const dripping = await Promise.all([
        ...Array.from({ length: 200 }, () => beginMessage(target)),
        ...Array.from({ length: 50 }, () => beginLiteral(target)),
      ]);
      for (let round = 0; round < 15; round++) {
        for (const talk of dripping) void talk.send("a");
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      for (const talk of dripping) talk.destroy();
      return "others are served meanwhile";
    },
  },
];

async function timed(
  protocols: readonly string[],
  attack: (protocol: string) => Promise<unknown>,
): Promise<string> {
  const told = await Promise.all(
    protocols.map(async (protocol) => {
      const began = performance.now();
      try {
        await attack(protocol);
      } catch (error) {
        throw new Error(`${protocol}: ${String(error)}`, { cause: error });
      }
      return `${protocol} ${((performance.now() - began) / 1000).toFixed(0)} s`;
    }),
  );
  return `ended after: ${told.join(", ")}`;
}

/** A byte every 400 ms until the server has had enough. */
async function drip(talk: Talk, bytes: string, waitMs: number): Promise<void> {
  let index = 0;
  const timer = setInterval(() => void talk.send(bytes.charAt(index++ % bytes.length)), 400);
  try {
    await talk.rest(waitMs);
  } finally {
    clearInterval(timer);
    talk.destroy();
  }
}

async function beginMessage({ server, ana }: Target): Promise<Talk> {
  const smtp = await openSmtp(server.port("smtp"));
  await smtp.ask("MAIL FROM:<a@elsewhere.test>");
  await smtp.ask(`RCPT TO:<${ana.address}>`);
  assert.match(await smtp.ask("DATA"), /^354/);
  await smtp.send("Subject: slowly\r\n\r\n");
  return smtp;
}

async function beginLiteral({ server, ana }: Target): Promise<Talk> {
  const imap = await openImap(server.port("imap"), ana);
  await imap.send("t APPEND INBOX {100000}\r\n");
  assert.match(await imap.line(), /^\+/);
  return imap;
}
