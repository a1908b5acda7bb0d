import { LineClient } from "./line-client.ts";
import { messageText } from "./smtp-load.ts";
import type { BenchServer } from "../servers/server.ts";

interface Options {
  readonly isTls?: boolean;
}

export async function logIn(server: BenchServer, options: Options = {}): Promise<LineClient> {
  const { imap, imaps } = server.ports;
  const client = await LineClient.open(options.isTls === true ? imaps : imap, options.isTls);
  await client.line();
  client.send(`l LOGIN ${server.user} ${server.password}\r\n`);
  await client.skipUntil("l OK");
  return client;
}

/** A logged-in IMAP client with INBOX selected, and how many messages it has. */
export async function openInbox(
  server: BenchServer,
  options: Options = {},
): Promise<{ readonly client: LineClient; readonly count: number }> {
  const client = await logIn(server, options);
  return { client, count: await selectInbox(client) };
}

export async function selectInbox(client: LineClient): Promise<number> {
  client.send("s SELECT INBOX\r\n");
  let count = 0;
  for (;;) {
    const line = await client.line();
    count = Number(/^\* (\d+) EXISTS/.exec(line)?.[1] ?? count);
    if (line.startsWith("s ")) return count;
  }
}

/** Seconds that a command takes until its tagged OK. */
export async function timeCommand(client: LineClient, command: string): Promise<number> {
  const began = performance.now();
  client.send(`t ${command}\r\n`);
  await client.skipUntil("t OK");
  return (performance.now() - began) / 1000;
}

/** Fills INBOX up to `count` messages over several connections by APPEND. */
export async function fillInbox(server: BenchServer, count: number, bytes: number): Promise<void> {
  const { client: first, count: present } = await openInbox(server);
  first.close();
  let left = count - present;
  const worker = async () => {
    const { client } = await openInbox(server);
    while (left > 0) {
      const batch = Math.min(left, 20);
      left -= batch;
      let text = "";
      for (let index = 0; index < batch; index++) {
        const body = messageText(left + index, bytes);
        text += `a${index} APPEND INBOX () {${body.length}+}\r\n${body}\r\n`;
      }
      client.send(text);
      await client.skipUntil(`a${batch - 1} OK`);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
