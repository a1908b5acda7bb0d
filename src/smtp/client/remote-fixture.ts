import { latin1, utf8 } from "../../base/bytes.ts";
import { ConnectionLost } from "../../base/faults.ts";
import { MemoryTlsContext } from "../../net/memory-tls.ts";
import type { Connection, Network } from "../../net/network.ts";
import { Wire } from "../../protocol/wire.ts";
import { DataScanner } from "../grammar/data-scanner.ts";

/**
 * What a remote does at a stage: an answer (without its last CRLF), or one of the ways in which
 * servers go wrong.
 */
export type Action =
  | string
  | { readonly kind: "cut" }
  | { readonly kind: "silence" }
  /** Answers, then cuts. */
  | { readonly kind: "last"; readonly answer: string }
  /** Bytes as they are. */
  | { readonly kind: "raw"; readonly text: string };

/** Verb in upper case, "greeting", or "." for the end of data. */
export type Stage =
  | "greeting"
  | "EHLO"
  | "HELO"
  | "STARTTLS"
  | "MAIL"
  | "RCPT"
  | "DATA"
  | "."
  | "RSET"
  | "BDAT"
  | "AUTH"
  | "QUIT"
  /** A line with a verb that is none of these. */
  | "other";

export type Script = Partial<
  Record<Stage, Action | ((line: string, session: RemoteSession) => Action | undefined)>
>;

export interface RemoteMessage {
  readonly mail: string;
  readonly rcpts: readonly string[];
  readonly content: string;
}

export interface RemoteSession {
  readonly lines: string[];
  readonly messages: RemoteMessage[];
  isTls: boolean;
}

export interface ScriptedRemote {
  readonly sessions: readonly RemoteSession[];
  readonly messages: readonly RemoteMessage[];
  /** Replaced at will between messages. */
  script: Script;
}

export interface RemoteOptions {
  readonly network: Network;
  readonly port?: number;
  readonly name?: string;
  readonly extensions?: readonly string[];
  readonly script?: Script;
  /** Names on its certificate; offers STARTTLS when given. */
  readonly certificate?: readonly string[];
  readonly isTrusted?: boolean;
}

const forever = 365 * 86_400_000;

/** A server for tests that takes every message, unless its script says otherwise. */
export async function startScriptedRemote(options: RemoteOptions): Promise<ScriptedRemote> {
  const sessions: RemoteSession[] = [];
  const remote: ScriptedRemote = {
    sessions,
    script: options.script ?? {},
    get messages() {
      return sessions.flatMap((session) => session.messages);
    },
  };
  await options.network.listen({ address: "0.0.0.0", port: options.port ?? 25 }, (connection) => {
    const session: RemoteSession = { lines: [], messages: [], isTls: false };
    sessions.push(session);
    serve(connection, session, remote, options).catch((error: unknown) => {
      connection.destroy();
      if (!(error instanceof ConnectionLost)) throw error;
    });
  });
  return remote;
}

async function serve(
  connection: Connection,
  session: RemoteSession,
  remote: ScriptedRemote,
  options: RemoteOptions,
): Promise<void> {
  const { name = "mx.remote.test", certificate, isTrusted = true } = options;
  const wire = new Wire(connection);
  let mail = "";
  let rcpts: string[] = [];

  /** @returns the code answered, or undefined when it is over. */
  const act = async (stage: Stage, line: string, usual: string): Promise<string | undefined> => {
    const scripted = remote.script[stage];
    const action = (typeof scripted === "function" ? scripted(line, session) : scripted) ?? usual;
    if (typeof action === "string" || action.kind === "last") {
      const answer = typeof action === "string" ? action : action.answer;
      void wire.write(Buffer.from(`${answer}\r\n`));
      if (typeof action === "string") return answer;
      await wire.flush();
      await connection.end();
      return undefined;
    }
    if (action.kind === "cut") {
      await wire.flush();
      connection.destroy();
      return undefined;
    }
    if (action.kind === "raw") void wire.write(action.text);
    await wire.flush();
    await wire.readLine({ bytesMax: 1000, timeoutMs: forever, allowBareLf: true });
    return undefined;
  };

  if ((await act("greeting", "", `220 ${name} ready`)) === undefined) return;
  for (;;) {
    const bytes = await wire.readLine({
      bytesMax: 100_000,
      timeoutMs: forever,
      allowBareLf: false,
    });
    if (bytes === undefined) return connection.destroy();
    const line = utf8(bytes);
    session.lines.push(line);
    const verb = /^[A-Za-z]*/.exec(line)?.[0].toUpperCase() ?? "";
    const words = [
      ...(options.extensions ?? []),
      ...(certificate && !session.isTls ? ["STARTTLS"] : []),
    ];
    let answer: string | undefined;
    if (verb === "EHLO") {
      const all = [name, ...words];
      const usual = all.map((word, at) => `250${at === all.length - 1 ? " " : "-"}${word}`);
      answer = await act("EHLO", line, usual.join("\r\n"));
    } else if (verb === "HELO") answer = await act("HELO", line, `250 ${name}`);
    else if (verb === "STARTTLS") {
      answer = await act("STARTTLS", line, "220 2.0.0 go");
      if (answer?.startsWith("220") && certificate !== undefined) {
        await wire.flush();
        const context = new MemoryTlsContext({ names: certificate, isTrusted });
        await connection.startTlsServer(context, 60_000);
        session.isTls = true;
      }
    } else if (verb === "MAIL") {
      answer = await act("MAIL", line, "250 2.1.0 ok");
      mail = line;
      rcpts = [];
    } else if (verb === "RCPT") {
      answer = await act("RCPT", line, "250 2.1.5 ok");
      if (answer?.startsWith("25")) rcpts.push(line);
    } else if (verb === "DATA") {
      answer = await act(
        "DATA",
        line,
        rcpts.length === 0 ? "503 5.5.1 no recipients" : "354 go on",
      );
      if (answer?.startsWith("354")) {
        const content = await readData(wire);
        answer = await act(".", content, "250 2.0.0 taken");
        if (answer?.startsWith("2")) session.messages.push({ mail, rcpts, content });
      }
    } else if (verb === "BDAT") {
      const count = Number(line.split(" ")[1]);
      const content = latin1(await wire.readExactly(count, forever));
      answer = await act("BDAT", line, "250 2.0.0 taken");
      if (answer?.startsWith("2")) session.messages.push({ mail, rcpts, content });
    } else if (verb === "RSET") answer = await act("RSET", line, "250 2.0.0 ok");
    else if (verb === "AUTH") answer = await act("AUTH", line, "235 2.7.0 welcome");
    else if (verb === "QUIT") {
      await act("QUIT", line, "221 2.0.0 bye");
      await wire.flush();
      return connection.end();
    } else answer = await act("other", line, "500 5.5.1 what");
    if (answer === undefined) return;
  }
}

async function readData(wire: Wire): Promise<string> {
  const scanner = new DataScanner();
  const parts: Uint8Array[] = [];
  for (;;) {
    const piece = await wire.readSome(65_536, forever);
    if (piece === undefined) throw new ConnectionLost("ended inside data");
    const step = scanner.push(piece);
    parts.push(...step.parts.map((part) => Uint8Array.from(part)));
    if (step.end < 0) continue;
    wire.unread(piece.subarray(step.end));
    return latin1(Buffer.concat(parts));
  }
}
