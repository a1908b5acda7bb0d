import assert from "node:assert/strict";

import { openImap, openPop, openSmtp, sendMessage } from "../../mail-talk.ts";
import type { Talk } from "../../talk.ts";
import { bombs } from "../bombs.ts";
import { brief } from "../hostile-case.ts";
import type { HostileCase, Target } from "../hostile-case.ts";

/** What readers ask of a message. */
const questions = [
  "ENVELOPE",
  "BODYSTRUCTURE",
  "BODY",
  "BODY.PEEK[HEADER.FIELDS (Subject Cc)]",
  "BODY.PEEK[1.MIME]",
  "BODY.PEEK[1.1.1.1.1.1.1.1.1.1.1]",
  "BINARY.PEEK[1]",
  "PREVIEW",
];

export const messageCases: readonly HostileCase[] = bombs.map(({ name, make }) => ({
  name: `messages: ${name}`,
  cpuSecondsMax: 3,
  growthMibMax: 300,
  attack: (target) => deliverAndRead(target, make()),
}));

async function deliverAndRead(target: Target, message: string): Promise<string> {
  const { server, ana } = target;
  const smtp = await openSmtp(server.port("smtp"));
  const envelope = { from: "a@elsewhere.test", to: ana.address };
  const reply = await sendMessage(smtp, envelope, message);
  smtp.destroy();
  if (!reply.startsWith("250")) {
    assert.match(reply, /^5\d\d /);
    return `refused: ${brief(reply)}`;
  }
  const imap = await openImap(server.port("imap"), ana);
  const selected = await imap.imap("SELECT INBOX");
  const last = /\* (\d+) EXISTS/.exec(selected)?.[1];
  const sizes: number[] = [];
  for (const question of questions) {
    sizes.push((await tagged(imap, `FETCH ${last} (${question})`)).length);
  }
  const searched = await tagged(imap, `SEARCH ${last} TEXT "nowhere at all" SUBJECT "x" TO "y"`);
  assert.match(searched, /^t OK/m);
  imap.destroy();
  const pop = await openPop(server.port("pop3"), ana);
  assert.match(await pop.pop(`TOP ${last} 1`), /^\+OK/);
  await pop.linesTo(/^\.$/);
  pop.destroy();
  const structureKib = Math.round((sizes[1] ?? 0) / 1024);
  const envelopeKib = Math.round((sizes[0] ?? 0) / 1024);
  return `taken; ENVELOPE ${envelopeKib} KiB, BODYSTRUCTURE ${structureKib} KiB`;
}

/** The answer up to the tagged line that ends it, which must not speak of a bug. */
async function tagged(imap: Talk, command: string): Promise<string> {
  const answer = await imap.imap(command, 8000);
  assert.doesNotMatch(answer.slice(answer.lastIndexOf("\n") + 1), /reference|SERVERBUG/);
  return answer;
}
