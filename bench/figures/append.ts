import { fillInbox, openInbox } from "../load/imap-client.ts";
import { messageText } from "../load/smtp-load.ts";
import type { BenchServer } from "../servers/server.ts";
import type { Figure, Measurement } from "./figure.ts";

const bytes = 4_096;

/** IMAP APPEND of 4 KiB: one command at a time on one connection, and pipelined over eight. */
export const append: Figure = {
  name: "append",
  async measure(server, isQuick) {
    const results: Measurement[] = [];
    await oneByOne(server, 100);
    const count = isQuick ? 200 : 1_000;
    const seconds = await oneByOne(server, count);
    const perSecond = { unit: "messages/s", isMoreBetter: true };
    results.push({ figure: "APPEND 4 KiB, one by one", value: count / seconds, ...perSecond });
    const many = isQuick ? 1_000 : 5_000;
    const cpuBefore = server.cpuSeconds();
    const began = performance.now();
    await fillInbox(server, count + 100 + many, bytes);
    const took = (performance.now() - began) / 1000;
    const cpu = ((server.cpuSeconds() - cpuBefore) / many) * 1000;
    const figure = "APPEND 4 KiB, 8 connections, pipelined";
    results.push({ figure, value: many / took, ...perSecond });
    results.push({ figure: `${figure}, CPU`, value: cpu, unit: "CPU s/1000", isMoreBetter: false });
    return results;
  },
};

async function oneByOne(server: BenchServer, count: number): Promise<number> {
  const { client } = await openInbox(server);
  const began = performance.now();
  for (let number = 0; number < count; number++) {
    const body = messageText(number, bytes);
    client.send(`a APPEND INBOX () {${body.length}+}\r\n${body}\r\n`);
    await client.skipUntil("a OK");
  }
  client.close();
  return (performance.now() - began) / 1000;
}
