import assert from "node:assert/strict";

import { append, openImap } from "../../mail-talk.ts";
import type { Talk } from "../../talk.ts";
import { brief } from "../hostile-case.ts";
import type { HostileCase } from "../hostile-case.ts";

const bracketCount = 20_000;

export const imapCases: readonly HostileCase[] = [
  {
    name: "imap: thousands of brackets where brackets may stand",
    async attack(target) {
      const imap = await openImap(target.server.port("imap"), target.ana);
      await imap.imap("SELECT INBOX");
      const open = "(".repeat(bracketCount);
      const commands = [
        `FETCH 1:* ${open}`,
        `SEARCH ${open}ALL${")".repeat(bracketCount)}`,
        `SEARCH ${"NOT ".repeat(10_000)}ALL`,
        `SEARCH ${"OR ".repeat(10_000)}ALL ALL`,
        `STORE 1 FLAGS ${open}`,
        `APPEND INBOX ${open}`,
        `LIST ${open} "" "*"`,
        `STATUS INBOX ${open}`,
        `ID ${open}`,
        `SELECT INBOX ${open}`,
        `FETCH 1 BODY[${"1.".repeat(20_000)}MIME]`,
        `FETCH 1 BODY[HEADER.FIELDS (${"a ".repeat(20_000)})]`,
        `LIST "" "${"*%".repeat(500)}x"`,
        `FETCH ${"1:4294967295,".repeat(4000)}1 FLAGS`,
        `UID FETCH ${"*:1,".repeat(10_000)}1 FLAGS`,
      ];
      let refusedCount = 0;
      let talk = imap;
      for (const command of commands) {
        if (talk.isEnded) talk = await openImap(target.server.port("imap"), target.ana);
        const answer = await answerOf(talk, command);
        if (!/^t OK/m.test(answer)) refusedCount++;
      }
      talk.destroy();
      return `${refusedCount} of ${commands.length} refused, all answered`;
    },
  },
  {
    name: "imap: patterns with a hundred stars against deep mailbox names",
    async attack(target) {
      const imap = await openImap(target.server.port("imap"), target.ana);
      const name = Array.from({ length: 10 }, () => "aaaaaaaaaa").join("/");
      await imap.imap(`CREATE ${name}`);
      const answer = await imap.imap(`LIST "" "${"*a".repeat(100)}b"`, 5000);
      assert.match(answer, /^t (?:OK|BAD|NO)/m);
      imap.destroy();
      return brief(answer);
    },
  },
  {
    name: "imap: thousands of literals in one command",
    async attack(target) {
      const imap = await openImap(target.server.port("imap"), target.ana);
      await imap.send(`t SEARCH ${"{1+}\r\na ".repeat(20_000)}\r\n`);
      const answer = await imap.answerOrEnd();
      assert.match(answer, /BAD|NO|BYE|closed/);
      imap.destroy();
      const empty = await target.connect("imap");
      await empty.line();
      await empty.send(`t LOGIN ${"{0+}\r\n".repeat(50_000)}\r\n`);
      assert.match(await empty.answerOrEnd(), /BAD|NO|BYE|closed/);
      empty.destroy();
      return brief(answer);
    },
  },
  {
    name: "imap: literals of 4,294,967,295 and more bytes are refused at once",
    async attack(target) {
      const told: string[] = [];
      for (const size of [
        "4294967295",
        "4294967296",
        "9223372036854775808",
        "99999999999999999999",
      ])
        for (const plus of ["", "+"])
          for (const command of ["LOGIN", "APPEND INBOX", "SEARCH SUBJECT"]) {
            const isBefore = command === "LOGIN";
            const imap = isBefore
              ? await target.connect("imap")
              : await openImap(target.server.port("imap"), target.ana);
            if (isBefore) await imap.line();
            await imap.send(`t ${command} {${size}${plus}}\r\n`);
            const answer = await imap.answerOrEnd(3000);
            assert.match(answer, /^(?:t BAD|t NO|\* BYE|\* BAD)/, `${command} {${size}${plus}}`);
            if (plus === "" && !imap.isEnded) {
              assert.match(await imap.imap("NOOP"), /^t OK/m, "and the session goes on");
            }
            told.push(answer);
            imap.destroy();
          }
      return brief(told.at(-1) ?? "");
    },
  },
  {
    name: "imap: literals that are announced and never come take no room from others",
    async attack(target) {
      const talks: Talk[] = [];
      for (let count = 0; count < 30; count++) {
        const imap = await openImap(target.server.port("imap"), target.ana);
        await imap.send("t APPEND INBOX {40000000}\r\n");
        talks.push(imap);
      }
      const answers = await Promise.all(talks.map((talk) => talk.answerOrEnd()));
      for (const answer of answers) assert.match(answer, /^\+ |^t NO/);
      const imap = await openImap(target.server.port("imap"), target.ana);
      const answer = await append(imap, "INBOX", "Subject: meanwhile\r\n\r\nHello.\r\n");
      assert.match(answer, /^t OK/);
      imap.destroy();
      for (const talk of talks) talk.destroy();
      return `${answers.length} waiting, another message taken meanwhile`;
    },
  },
  {
    name: "imap: a megabyte of flags, keywords and NULs in APPEND and STORE",
    async attack(target) {
      const imap = await openImap(target.server.port("imap"), target.ana);
      await append(imap, "INBOX", "Subject: flagged\r\n\r\nHello.\r\n");
      await imap.imap("SELECT INBOX");
      const flags = Array.from({ length: 3000 }, (_, index) => `flag${index}`).join(" ");
      const many = await imap.imap(`STORE 1 +FLAGS (${flags})`);
      assert.match(many, /^t (?:NO|BAD)/m, "an account has no room for endless keywords");
      const nul = "Subject: x\r\n\r\na\0b\r\n";
      assert.match(await append(imap, "INBOX", nul), /^t (?:NO|BAD|OK)/);
      imap.destroy();
      return brief(many.slice(many.lastIndexOf("\nt") + 1));
    },
  },
];

async function answerOf(talk: Talk, command: string): Promise<string> {
  await talk.send(`t ${command}\r\n`);
  for (;;) {
    const line = await talk.answerOrEnd(5000);
    if (/^(?:t |\+ |\* BAD|\* BYE)|\(closed\)$/.test(line)) return line;
  }
}
