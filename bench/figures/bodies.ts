import { fillInbox, openInbox, timeCommand } from "../load/imap-client.ts";
import { LineClient } from "../load/line-client.ts";
import { median } from "./figure.ts";
import type { BenchServer } from "../servers/server.ts";
import type { Figure } from "./figure.ts";

const count = 1_000;
const bytes = 10_240;

/** Whole messages by IMAP and POP3: 1,000 of 10 KiB. */
export const bodies: Figure = {
  name: "bodies",
  async measure(server, isQuick) {
    await fillInbox(server, count, bytes);
    const { client } = await openInbox(server);
    const rounds = isQuick ? 2 : 5;
    const imap: number[] = [];
    for (let round = 0; round < rounds; round++) {
      imap.push(await timeCommand(client, `FETCH 1:${count} BODY.PEEK[]`));
    }
    client.close();
    const oneByOne: number[] = [];
    const pipelined: number[] = [];
    for (let round = 0; round < rounds; round++) {
      oneByOne.push(await pop3Download(server, false));
      pipelined.push(await pop3Download(server, true));
    }
    const megabytes = (count * bytes) / 1e6;
    const perSecond = { unit: "messages/s", isMoreBetter: true };
    return [
      { figure: "IMAP BODY[]", value: megabytes / median(imap), unit: "MB/s", isMoreBetter: true },
      { figure: "POP3 one by one", value: count / median(oneByOne), ...perSecond },
      { figure: "POP3 pipelined", value: count / median(pipelined), ...perSecond },
    ];
  },
};

async function pop3Download(server: BenchServer, isPipelined: boolean): Promise<number> {
  const client = await LineClient.open(server.ports.pop3);
  await client.line();
  client.send(`USER ${server.user}\r\n`);
  await client.line();
  client.send(`PASS ${server.password}\r\n`);
  await client.line();
  const began = performance.now();
  if (isPipelined) {
    let text = "";
    for (let number = 1; number <= count; number++) text += `RETR ${number}\r\n`;
    client.send(`${text}NOOP\r\n`);
    for (let number = 1; number <= count; number++) await client.skipUntil(".\r\n");
  } else {
    for (let number = 1; number <= count; number++) {
      client.send(`RETR ${number}\r\n`);
      await client.skipUntil(".\r\n");
    }
  }
  const seconds = (performance.now() - began) / 1000;
  client.close();
  return seconds;
}
