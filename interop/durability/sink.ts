import { createServer } from "node:net";
import type { Server, Socket } from "node:net";

/** A message for one recipient as the sink has taken it: once for each final dot. */
export interface Received {
  readonly recipient: string;
  readonly token: string;
  /** When the final dot was here, as `performance.now()` has it. */
  readonly atMs: number;
}

/** Another mail server that writes down what it is given. */
export interface Sink {
  readonly port: number;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/**
 * Starts a sink. It refuses recipients whose name begins with "refused" for good, and takes its
 * time to answer the final dot, so that kills fall into that window too.
 */
export async function startSink(): Promise<Sink> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    serve(socket, received);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    received,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function serve(socket: Socket, received: Received[]): void {
  let input = "";
  let recipients: string[] = [];
  let isData = false;
  const say = (reply: string) => void socket.write(`${reply}\r\n`);
  const command = (line: string) => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO") say("250-sink.test\r\n250 PIPELINING");
    else if (verb === "RCPT") {
      const recipient = /<([^>]*)>/.exec(line)?.[1] ?? "";
      if (recipient.startsWith("refused")) return say("550 5.1.1 Nobody has that name");
      recipients.push(recipient);
      say("250 2.1.5 OK");
    } else if (verb === "DATA") {
      isData = recipients.length > 0;
      say(isData ? "354 Go on" : "503 5.5.1 No recipients");
    } else if (verb === "QUIT") socket.end("221 2.0.0 Bye\r\n");
    else {
      if (verb === "MAIL" || verb === "RSET") recipients = [];
      say("250 2.0.0 OK");
    }
  };
  const message = (text: string) => {
    const token = /^Subject: token (\S+) end/m.exec(text)?.[1] ?? "";
    const atMs = performance.now();
    for (const recipient of recipients) received.push({ recipient, token, atMs });
    recipients = [];
    setTimeout(() => say("250 2.0.0 Taken"), Math.random() * 40);
  };
  say("220 sink.test ESMTP");
  socket.setEncoding("latin1").on("data", (text: string) => {
    input += text;
    for (;;) {
      const end = isData ? "\r\n.\r\n" : "\r\n";
      const at = input.indexOf(end);
      if (at < 0) return;
      const piece = input.slice(0, at);
      input = input.slice(at + end.length);
      if (isData) {
        isData = false;
        message(piece);
      } else command(piece);
    }
  });
}
