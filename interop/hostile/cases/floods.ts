import assert from "node:assert/strict";

import { openImap, openSmtp } from "../../mail-talk.ts";
import { brief } from "../hostile-case.ts";
import type { HostileCase, Target } from "../hostile-case.ts";

export const floodCases: readonly HostileCase[] = [
  {
    name: "floods: unknown verbs end a session of every protocol",
    secondsMax: 30,
    async attack(target) {
      const endings = await Promise.all(
        ["smtp", "submission", "lmtp", "imap", "pop3"].map(async (protocol) => {
          const talk = await target.connect(protocol);
          await talk.send("x UNKNOWN\r\nBLURB\r\n".repeat(2500));
          const rest = await talk.rest(25_000);
          assert.ok(rest.length < 20_000, `${protocol} answered ${rest.length} bytes`);
          return rest.trimEnd().split("\n").at(-1) ?? "";
        }),
      );
      return brief(endings[0] ?? "");
    },
  },
  {
    name: "floods: 100,000 NOOP in one go are answered or cut, in order",
    secondsMax: 25,
    cpuSecondsMax: 6,
    async attack(target) {
      const counts: string[] = [];
      const flood = async (protocol: string, command: string, good: RegExp) => {
        const talk = await target.connect(protocol);
        await talk.line();
        await talk.send(command.repeat(100_000));
        let count = 0;
        while (count < 100_000) {
          const answer = await talk.answerOrEnd();
          if (answer.endsWith("(closed)")) break;
          if (!good.test(answer)) {
            await talk.rest();
            break;
          }
          count++;
        }
        counts.push(`${protocol} ${count}`);
        talk.destroy();
      };
      await flood("smtp", "NOOP\r\n", /^250/);
      await flood("imap", "t NOOP\r\n", /^t OK/);
      return counts.join(", ");
    },
  },
  {
    name: "floods: who never reads the answers does not fill our memory",
    cpuSecondsMax: 3,
    async attack(target) {
      const imap = await openImap(target.server.port("imap"), target.ana);
      imap.pause();
      // Each command costs 15 bytes and its answer some hundred.
      void imap.send("t CAPABILITY\r\n".repeat(500_000));
      await new Promise((resolve) => setTimeout(resolve, 3000));
      imap.destroy();
      return "waits for the reader";
    },
  },
  {
    name: "floods: 5,000 RCPT, unknown and known",
    secondsMax: 30,
    cpuSecondsMax: 4,
    async attack(target) {
      const harvest = await openSmtp(target.server.port("smtp"));
      await harvest.ask("MAIL FROM:<a@elsewhere.test>");
      const names = Array.from(
        { length: 5000 },
        (_, index) => `RCPT TO:<u${index}@golub.test>\r\n`,
      );
      await harvest.send(names.join(""));
      const refusals = await harvest.rest(5000).catch(() => harvest.waiting);
      assert.ok(refusals.split("\n").length < 200, "harvesting goes on and on");
      harvest.destroy();
      const many = await openSmtp(target.server.port("smtp"));
      await many.ask("MAIL FROM:<a@elsewhere.test>");
      const tagged = (index: number) => `RCPT TO:<ana+${index}@golub.test>\r\n`;
      await many.send(Array.from({ length: 1100 }, (_, index) => tagged(index)).join(""));
      let last = "";
      for (let count = 0; count < 1100 && !last.endsWith("(closed)"); count++) {
        last = await many.answerOrEnd();
      }
      assert.match(last, /^452|^421|closed/);
      many.destroy();
      return brief(last);
    },
  },
  {
    name: "floods: wrong passwords end the session and hash one at a time",
    secondsMax: 40,
    cpuSecondsMax: 8,
    async attack(target) {
      const plain = Buffer.from("\0ana@golub.test\0wrong").toString("base64");
      const guesses: readonly (readonly [string, string])[] = [
        ["submission", `EHLO x\r\n${`AUTH PLAIN ${plain}\r\n`.repeat(20)}`],
        ["imap", "t LOGIN ana@golub.test wrong\r\n".repeat(20)],
        ["pop3", "USER ana@golub.test\r\nPASS wrong\r\n".repeat(20)],
      ];
      const attempt = async ([protocol, commands]: readonly [string, string]) => {
        const talk = await target.connect(protocol);
        await talk.send(commands);
        const answer = await talk.rest(35_000);
        assert.doesNotMatch(answer, /^235|^t OK|^\+OK .*(?:messages|maildrop)/m);
        return `${protocol} ${answer.split("\n").length} lines`;
      };
      const told = await Promise.all([...guesses, ...guesses, ...guesses].map(attempt));
      return told.slice(0, 3).join(", ");
    },
  },
  {
    name: "floods: 500 idle and 200 slow connections",
    secondsMax: 30,
    cpuSecondsMax: 4,
    attack: crowd,
  },
];

/** All of them are open at a time; then each is ended by the server. */
async function crowd(target: Target): Promise<string> {
  const protocols = ["smtp", "imap", "pop3", "submission", "lmtp"];
  const open = async (count: number) => {
    const wanted = Array.from({ length: count }, (_, index) => protocols[index % 5] ?? "smtp");
    return Promise.all(wanted.map((protocol) => target.connect(protocol)));
  };
  const idle = await open(500);
  const slow = await open(200);
  const drip = setInterval(() => {
    for (const talk of slow) void talk.send("N");
  }, 300);
  try {
    await Promise.all([...idle, ...slow].map((talk) => talk.rest(20_000)));
  } finally {
    clearInterval(drip);
    for (const talk of [...idle, ...slow]) talk.destroy();
  }
  return "all ended by the server";
}
