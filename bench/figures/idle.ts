import { openInbox } from "../load/imap-client.ts";
import { smtpLoad } from "../load/smtp-load.ts";
import { median } from "./figure.ts";
import type { LineClient } from "../load/line-client.ts";
import type { BenchServer } from "../servers/server.ts";
import type { Figure } from "./figure.ts";

/** The watcher may be told before the sender: then it counts as this, so that ratios exist. */
const wakeMsMin = 0.1;

/** How soon IDLE tells of a delivery, and what an idle connection costs. */
export const idle: Figure = {
  name: "idle",
  async measure(server, isQuick) {
    const wakes: number[] = [];
    const { client } = await openInbox(server);
    await beginIdle(client);
    for (let round = 0; round < (isQuick ? 5 : 25); round++) {
      let acceptedAt = 0;
      const woke = waitForExists(client);
      await smtpLoad({
        port: server.ports.smtp,
        recipient: server.recipient,
        connections: 1,
        messages: 1,
        messageBytes: 2_048,
        isKeptOpen: false,
        onAccepted: () => (acceptedAt = performance.now()),
      });
      wakes.push(Math.max(wakeMsMin, (await woke) - acceptedAt));
    }
    client.close();
    const connections = isQuick ? 100 : 600;
    const unit = "KiB";
    const plain = await memoryPerConnection(server, connections, false);
    const tls = await memoryPerConnection(server, connections, true);
    return [
      { figure: "IDLE wake-up after 250", value: median(wakes), unit: "ms", isMoreBetter: false },
      { figure: "idle IMAP connection, plain", value: plain / 1024, unit, isMoreBetter: false },
      { figure: "idle IMAP connection, TLS", value: tls / 1024, unit, isMoreBetter: false },
    ];
  },
};

async function beginIdle(client: LineClient): Promise<void> {
  client.send("i IDLE\r\n");
  await client.skipUntil("+");
}

async function waitForExists(client: LineClient): Promise<number> {
  while (!(await client.line()).endsWith(" EXISTS"));
  return performance.now();
}

/** Growth of resident memory, after a first round of connections has warmed the server up. */
async function memoryPerConnection(
  server: BenchServer,
  connections: number,
  isTls: boolean,
): Promise<number> {
  const open = async (count: number) => {
    const clients: LineClient[] = [];
    for (let index = 0; index < count; index++) {
      const { client } = await openInbox(server, { isTls });
      await beginIdle(client);
      clients.push(client);
    }
    return clients;
  };
  const warm = await open(Math.ceil(connections / 4));
  const before = server.residentBytes();
  const clients = await open(connections);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const after = server.residentBytes();
  for (const client of [...warm, ...clients]) client.close();
  await new Promise((resolve) => setTimeout(resolve, 500));
  return (after - before) / connections;
}
