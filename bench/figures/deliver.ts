import { smtpLoad } from "../load/smtp-load.ts";
import { openInbox } from "../load/imap-client.ts";
import type { BenchServer } from "../servers/server.ts";
import type { Figure, Measurement } from "./figure.ts";

const connectionCounts = [1, 10, 100, 500];

/** Messages per second from the first connection until the last one is in the mailbox. */
export const deliver: Figure = {
  name: "deliver",
  async measure(server, isQuick) {
    const results: Measurement[] = [];
    // Code that is compiled as it runs is compiled by then, and files have their sizes.
    const warmUp = { connections: 100, messageBytes: 4096, isKeptOpen: false };
    await one(server, { ...warmUp, messages: isQuick ? 500 : 3_000 });
    for (const messageBytes of [4096, 102_400]) {
      for (const isKeptOpen of [false, true]) {
        for (const connections of connectionCounts) {
          const rounds = (messageBytes > 50_000 ? 1_000 : 3_000) / (isQuick ? 5 : 1);
          const messages = Math.max(connections === 1 ? rounds / 3 : rounds, connections);
          const load = { connections, messages, messageBytes, isKeptOpen };
          results.push(...(await one(server, load)));
        }
      }
    }
    return results;
  },
};

async function one(
  server: BenchServer,
  load: { connections: number; messages: number; messageBytes: number; isKeptOpen: boolean },
): Promise<readonly Measurement[]> {
  const before = await inboxCount(server);
  const cpuBefore = server.cpuSeconds();
  const began = performance.now();
  const { port, recipient } = { port: server.ports.smtp, recipient: server.recipient };
  await smtpLoad({ ...load, messages: Math.round(load.messages), port, recipient });
  await server.waitForMessages(before + Math.round(load.messages));
  const seconds = (performance.now() - began) / 1000;
  const cpu = server.cpuSeconds() - cpuBefore;
  const size = `${Math.round(load.messageBytes / 1024)} KiB`;
  const open = load.isKeptOpen ? "kept open" : "new each";
  const figure = `deliver ${size}, ${load.connections} connections, ${open}`;
  return [
    { figure, value: load.messages / seconds, unit: "messages/s", isMoreBetter: true },
    {
      figure: `${figure}, CPU`,
      value: (cpu / load.messages) * 1000,
      unit: "CPU s/1000",
      isMoreBetter: false,
    },
  ];
}

async function inboxCount(server: BenchServer): Promise<number> {
  const { client, count } = await openInbox(server);
  client.close();
  return count;
}
