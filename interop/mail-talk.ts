import assert from "node:assert/strict";

import type { Person } from "./server-process.ts";
import { Talk } from "./talk.ts";

/** Connects to an SMTP or LMTP port and greets. */
export async function openSmtp(port: number, greeting = "EHLO client.test"): Promise<Talk> {
  const talk = await Talk.connect(port);
  await talk.reply();
  assert.match(await talk.ask(greeting), /^250/m);
  return talk;
}

/** One transaction. @returns the reply to the message, or the first refusal before it. */
export async function sendMessage(
  talk: Talk,
  envelope: { readonly from: string; readonly to: string },
  message: string,
  waitMs?: number,
): Promise<string> {
  for (const command of [`MAIL FROM:<${envelope.from}>`, `RCPT TO:<${envelope.to}>`]) {
    const reply = await talk.ask(command, waitMs);
    if (!reply.startsWith("250")) return reply;
  }
  const go = await talk.ask("DATA", waitMs);
  if (!go.startsWith("354")) return go;
  await talk.send(`${message}\r\n.\r\n`);
  return talk.reply(waitMs);
}

/** Connects to an IMAP port and logs in. */
export async function openImap(port: number, person: Person, isTls = false): Promise<Talk> {
  const talk = await Talk.connect(port, { isTls });
  await talk.line();
  assert.match(await talk.imap(`LOGIN "${person.address}" "${person.password}"`), /^t OK/m);
  return talk;
}

/** Connects to a POP3 port and logs in. */
export async function openPop(port: number, person: Person): Promise<Talk> {
  const talk = await Talk.connect(port);
  await talk.line();
  assert.match(await talk.pop(`USER ${person.address}`), /^\+OK/);
  assert.match(await talk.pop(`PASS ${person.password}`), /^\+OK/);
  return talk;
}

/** Appends a message. @returns the tagged line. */
export async function append(talk: Talk, mailbox: string, message: string): Promise<string> {
  const answer = await talk.imap(`APPEND ${mailbox} {${message.length}+}\r\n${message}`);
  return answer.slice(answer.lastIndexOf("\n") + 1);
}
