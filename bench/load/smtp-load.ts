import { LineClient } from "./line-client.ts";

export interface SmtpLoad {
  readonly port: number;
  readonly recipient: string;
  readonly connections: number;
  readonly messages: number;
  readonly messageBytes: number;
  /** One connection for all messages of a sender, or a new one for each. */
  readonly isKeptOpen: boolean;
  /** Told when a message was acknowledged. */
  readonly onAccepted?: () => void;
}

/** Sends messages without pipelining, as most senders do. Returns seconds until the last 250. */
export async function smtpLoad(load: SmtpLoad): Promise<number> {
  let left = load.messages;
  const began = performance.now();
  const sender = async () => {
    let client: LineClient | undefined;
    while (left > 0) {
      const number = left--;
      client ??= await greet(load.port);
      await client.ask("MAIL FROM:<bench@sender.example>", "250");
      await client.ask(`RCPT TO:<${load.recipient}>`, "250");
      await client.ask("DATA", "354");
      await client.ask(`${messageText(number, load.messageBytes)}.`, "250");
      load.onAccepted?.();
      if (load.isKeptOpen) continue;
      client.send("QUIT\r\n");
      await client.reply("221");
      client.close();
      client = undefined;
    }
    client?.close();
  };
  await Promise.all(Array.from({ length: load.connections }, sender));
  return (performance.now() - began) / 1000;
}

async function greet(port: number): Promise<LineClient> {
  const client = await LineClient.open(port);
  await client.reply("220");
  await client.ask("EHLO bench.example", "250");
  return client;
}

const words = "golub pošta vijest račun wiadomość писмо поща ugovor sastanak invoice meeting".split(
  " ",
);

/** A plausible message of about `bytes` bytes, different for each number, with CRLF at its end. */
export function messageText(number: number, bytes: number): string {
  const head = [
    `From: Sender ${number} <bench@sender.example>`,
    "To: Ana <ana@bench.example>",
    `Subject: Message ${number} about ${words[number % words.length] ?? ""}`,
    "Date: Mon, 23 Nov 2026 10:00:00 +0100",
    `Message-ID: <${number}.${bytes}.${Math.random().toString(36).slice(2)}@sender.example>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
  ].join("\r\n");
  const lines: string[] = [];
  let size = head.length + 4;
  for (let index = 0; size < bytes; index++) {
    const line = `${index} ${lineOfWords(number + index)}`;
    lines.push(line);
    size += line.length + 2;
  }
  return Buffer.from(`${head}\r\n\r\n${lines.join("\r\n")}\r\n`).toString("latin1");
}

function lineOfWords(seed: number): string {
  let line = "";
  for (let index = 0; index < 8; index++)
    line += `${words[(seed * 7 + index * 3) % words.length]} `;
  return line + String(seed);
}
