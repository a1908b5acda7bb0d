import assert from "node:assert/strict";

import { openImap, openPop } from "../../mail-talk.ts";
import { brief, plainProtocols, tlsProtocols } from "../hostile-case.ts";
import type { HostileCase, Target } from "../hostile-case.ts";

const mailProtocols = [...plainProtocols, ...tlsProtocols.filter((name) => name !== "https")];

/** Refusal of any of the protocols, or the end. */
const refused = /^(?:[45]\d\d |-ERR|\S+ BAD|\S+ NO|\* BYE)|\(closed\)$/;

export const lineCases: readonly HostileCase[] = [
  {
    name: "lines: 100 kB without an end, then an end, on every mail port",
    attack: (target) =>
      onEach(target, async (talk) => {
        await talk.send(`${"A".repeat(100_000)}\r\n`);
        return talk.answerOrEnd();
      }),
  },
  {
    name: "lines: 8 MB that never end are cut off, on every mail port",
    cpuSecondsMax: 3,
    attack: (target) =>
      onEach(target, async (talk) => {
        const piece = "A".repeat(256 * 1024);
        for (let count = 0; count < 32 && !talk.isEnded; count++) await talk.send(piece);
        return `${await talk.rest()}(closed)`;
      }),
  },
  {
    name: "lines: NULs and other control bytes are refused, on every mail port",
    attack: (target) =>
      onEach(target, async (talk) => {
        await talk.send("NO\0OP \0\x01\x02\x7f\xff\r\n");
        return talk.answerOrEnd();
      }),
  },
  {
    name: "lines: after an overlong line the next command is answered",
    async attack(target) {
      const smtp = await target.connect("smtp");
      await smtp.reply();
      await smtp.send(`EHLO ${"a".repeat(50_000)}\r\nNOOP\r\n`);
      const first = await smtp.reply();
      assert.match(first, /^50\d/);
      assert.match(await smtp.reply(), /^250/);
      const imap = await openImap(target.server.port("imap"), target.ana);
      // Whose answer it is cannot be said: the tag went with the line.
      await imap.send(`t SEARCH SUBJECT ${"a".repeat(100_000)}
`);
      assert.match(await imap.line(), /^(?:t|\*) BAD/);
      assert.match(await imap.imap("NOOP"), /^t OK/m);
      const pop = await openPop(target.server.port("pop3"), target.ana);
      assert.match(await pop.pop(`LIST ${"1".repeat(50_000)}`), /^-ERR/);
      assert.match(await pop.pop("NOOP"), /^\+OK/);
      for (const talk of [smtp, imap, pop]) talk.destroy();
      return brief(first);
    },
  },
  {
    name: "lines: half-open connections are answered and ended, on every port",
    async attack(target) {
      for (const protocol of mailProtocols) {
        const talk = await target.connect(protocol);
        await talk.line();
        talk.end();
        await talk.rest(5000);
      }
      return "closed";
    },
  },
  {
    name: "lines: 2,000 connections that go away without a word",
    cpuSecondsMax: 3,
    async attack(target) {
      for (let round = 0; round < 40; round++) {
        const protocol = mailProtocols[round % plainProtocols.length] ?? "smtp";
        const talks = await Promise.all(Array.from({ length: 50 }, () => target.connect(protocol)));
        for (const talk of talks) talk.destroy();
      }
      return "nothing left behind";
    },
  },
];

async function onEach(
  target: Target,
  attack: (talk: Awaited<ReturnType<Target["connect"]>>) => Promise<string>,
): Promise<string> {
  const answers: string[] = [];
  for (const protocol of mailProtocols) {
    const talk = await target.connect(protocol);
    await talk.line();
    const answer = await attack(talk);
    assert.match(answer.replaceAll(/\r?\n/g, " | "), refused, protocol);
    answers.push(answer);
    talk.destroy();
  }
  return brief(answers[0] ?? "");
}
