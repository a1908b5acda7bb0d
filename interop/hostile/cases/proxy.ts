import assert from "node:assert/strict";

import { openImap } from "../../mail-talk.ts";
import type { Talk } from "../../talk.ts";
import { brief } from "../hostile-case.ts";
import type { HostileCase, Target } from "../hostile-case.ts";

const trusted = { from: "127.0.0.2" };

export const proxyCases: readonly HostileCase[] = [
  {
    name: "proxy: a PROXY header from an address that is not trusted changes nothing",
    async attack(target) {
      const smtp = await target.connect("smtp");
      await smtp.send("PROXY TCP4 203.0.113.9 127.0.0.1 1 25\r\n");
      assert.match(await smtp.reply(), /^220/);
      const refusal = await smtp.reply();
      assert.match(refusal, /^50\d/);
      await smtp.ask("EHLO client.test");
      await smtp.ask("MAIL FROM:<a@elsewhere.test>");
      await smtp.ask(`RCPT TO:<${target.ana.address}>`);
      await smtp.ask("DATA");
      assert.match(await smtp.ask("Subject: unproxied\r\n\r\nx\r\n."), /^250/);
      smtp.destroy();
      const imap = await openImap(target.server.port("imap"), target.ana);
      await imap.imap("SELECT INBOX");
      const found = await imap.imap("SEARCH SUBJECT unproxied");
      const number = /\* SEARCH (\d+)/.exec(found)?.[1];
      const head = await imap.imap(`FETCH ${number} BODY.PEEK[HEADER.FIELDS (Received)]`);
      assert.match(head, /127\.0\.0\.1/);
      assert.doesNotMatch(head, /203\.0\.113\.9/);
      imap.destroy();
      return brief(refusal);
    },
  },
  {
    name: "proxy: bad, overlong and missing headers from a trusted address are cut off",
    secondsMax: 20,
    async attack(target) {
      const headers = [
        "EHLO client.test\r\n",
        "PROXY TCP4 999.1.1.1 1.1.1.1 1 2\r\n",
        `PROXY TCP4 ${"1".repeat(100_000)}\r\n`,
        "PROXY TCP6 ::1 ::1 99999 1\r\n",
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
        "\r\n\r\n\0\r\nQUIT\n\x21\xff\0\0",
        "",
      ];
      await Promise.all(
        headers.map(async (header) => {
          const talk = await target.connect("smtp", trusted);
          await talk.send(header);
          if (header === "\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff")
            await talk.send("a".repeat(70_000));
          assert.equal(await talk.rest(15_000), "", JSON.stringify(header.slice(0, 30)));
        }),
      );
      return "closed without a word";
    },
  },
  {
    name: "proxy: one address gets 40 connections and no more, of each protocol",
    async attack(target) {
      const told: string[] = [];
      for (const protocol of ["smtp", "imap", "pop3"]) {
        const talks = await fromOutside(target, protocol, 60);
        const greetings = await Promise.all(talks.map((talk) => talk.answerOrEnd(3000)));
        const goodCount = greetings.filter((line) => /^(?:220|\* OK|\+OK)/.test(line)).length;
        for (const talk of talks) talk.destroy();
        assert.ok(goodCount <= 40, `${protocol} let ${goodCount} in`);
        assert.ok(goodCount > 0, protocol);
        told.push(`${protocol} ${goodCount}`);
      }
      return told.join(", ");
    },
  },
  {
    name: "proxy: who guesses passwords waits longer and longer, nobody else does",
    secondsMax: 20,
    async attack(target) {
      let guessCount = 0;
      const until = performance.now() + 5000;
      while (performance.now() < until) {
        const [talk] = await fromOutside(target, "imaps", 1);
        if (talk === undefined) break;
        await talk.startTls();
        await talk.line();
        await talk.send("t LOGIN ana@golub.test wrong\r\n".repeat(30));
        const dueMs = until - performance.now();
        const answers = await talk.rest(Math.max(1, dueMs)).catch(() => talk.waiting);
        guessCount += answers.split(/^t NO/m).length - 1;
        talk.destroy();
      }
      assert.ok(guessCount < 40, `${guessCount} guesses in 5 s`);
      const imap = await openImap(target.server.port("imap"), target.ana);
      imap.destroy();
      return `${guessCount} guesses in 5 s`;
    },
  },
];

/** Connections that the server takes for those of one client in the internet. */
function fromOutside(target: Target, protocol: string, count: number): Promise<Talk[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const talk = await target.connect(protocol, { ...trusted, isTls: false });
      await talk.send("PROXY TCP4 203.0.113.9 127.0.0.1 50000 25\r\n");
      return talk;
    }),
  );
}
