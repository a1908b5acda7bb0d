import assert from "node:assert/strict";

import { openImap, openSmtp } from "../../mail-talk.ts";
import type { HostileCase, Target } from "../hostile-case.ts";

/** Ends that are none (RFC 5321 §2.3.8, §4.1.1.4): only CRLF.CRLF ends data. */
const falseEnds: readonly string[] = [
  "\n.\n",
  "\n.\r\n",
  "\r.\r",
  "\r.\r\n",
  "\r\n.\n",
  "\r\n.\r",
  "\n.\r",
  "\r.\n",
  "\r\n\0.\r\n",
  "\r\n.\0\r\n",
  "\r\n.\r\r\n",
  "\r\r\n.\r\r\n",
  "\r\n\x85.\x85",
  "\n\n.\r\n",
  "\r\n..\r\n",
  "\r\n. \r\n",
];

export const endOfDataCases: readonly HostileCase[] = ["smtp", "submission", "lmtp"].map(
  (protocol): HostileCase => ({
    name: `end of data: ${falseEnds.length} false ends smuggle nothing through ${protocol}`,
    secondsMax: 30,
    attack: (target) => smuggle(target, protocol),
  }),
);

async function smuggle(target: Target, protocol: string): Promise<string> {
  let refusedCount = 0;
  for (const [index, falseEnd] of falseEnds.entries()) {
    const token = `smuggle-${protocol}-${index}-end`;
    const greeting = protocol === "lmtp" ? "LHLO client.test" : "EHLO client.test";
    const smtp = await openSmtp(target.server.port(protocol), greeting);
    if (protocol === "submission") {
      const plain = `\0${target.ana.address}\0${target.ana.password}`;
      assert.match(await smtp.ask(`AUTH PLAIN ${Buffer.from(plain).toString("base64")}`), /^235/);
    }
    const envelope = `MAIL FROM:<${target.ana.address}>\r\nRCPT TO:<${target.ana.address}>\r\nDATA\r\n`;
    for (const command of envelope.trimEnd().split("\r\n")) await smtp.ask(command);
    const inner = `${envelope}Subject: ${token} inner\r\n\r\nInner.`;
    await smtp.send(`Subject: ${token} outer\r\n\r\nOuter.${falseEnd}${inner}\r\n.\r\n`);
    const answer = await smtp.reply();
    // One answer, to one message: then NOOP is the next thing that is answered.
    assert.match(await smtp.ask("NOOP"), /^250 2\.0\.0/, JSON.stringify(falseEnd));
    assert.equal(smtp.waiting, "", JSON.stringify(falseEnd));
    smtp.destroy();
    const isTaken = answer.startsWith("250");
    if (!isTaken) {
      assert.match(answer, /^5\d\d /);
      refusedCount++;
    }
    const imap = await openImap(target.server.port("imap"), target.ana);
    await imap.imap("SELECT INBOX");
    const found = await imap.imap(`SEARCH SUBJECT "${token}"`);
    const uids = /\* SEARCH([ \d]*)/.exec(found)?.[1]?.trim().split(" ").filter(Boolean) ?? [];
    assert.equal(uids.length, isTaken ? 1 : 0, JSON.stringify(falseEnd));
    imap.destroy();
  }
  return `${refusedCount} refused, ${falseEnds.length - refusedCount} taken as one message`;
}
