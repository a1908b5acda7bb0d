import { asRefusal, ConnectionLost, Refusal } from "../../base/faults.ts";
import type { Log } from "../../base/log.ts";
import type { Connection } from "../../net/network.ts";
import { converse, type Command, type Dialect } from "../../protocol/conversation.ts";
import { saslLineBytesMax } from "../../protocol/sasl.ts";
import { Wire } from "../../protocol/wire.ts";
import { parseCommandLine } from "../grammar/command.ts";
import { SmtpRefusal } from "../grammar/refusals.ts";
import { reply } from "../grammar/reply.ts";
import { replyTo } from "./replies.ts";
import type { SmtpServices } from "./services.ts";
import { SmtpSession } from "./session.ts";
import { tlsText } from "./tls-text.ts";

/** Serves a session from its greeting to its end; never rejects. */
export async function serveSession(connection: Connection, services: SmtpServices): Promise<void> {
  const wire = new Wire(connection);
  const session = new SmtpSession(wire, services);
  const log = sessionLog(session);
  using _entered = services.sessions.enter(wire);
  const startedMs = services.clock.monotonicMs();
  log.write("debug", "smtp.connected", { address: session.remoteAddress, role: services.role });
  try {
    await open(session);
  } catch (error) {
    if (!(error instanceof ConnectionLost)) {
      log.write("info", "smtp.openFailed", { detail: asRefusal(error).message });
    }
    wire.connection.destroy();
    return;
  }
  await converse(wire, session, dialectOf(services), log);
  session.state = { phase: "over" };
  log.write("debug", "smtp.closed", {
    accepted: session.acceptedCount,
    ms: services.clock.monotonicMs() - startedMs,
  });
}

/** TLS first where the door is such, then the greeting (RFC 5321 §4.3.1). */
async function open(session: SmtpSession): Promise<void> {
  const { services, wire } = session;
  const { connection } = wire;
  if (services.isImplicitTls === true && services.tls !== undefined) {
    await connection.startTlsServer(services.tls, services.limits.handshakeTimeoutMs);
  }
  session.recorder.add("smtp.connected", {
    address: session.remoteAddress,
    port: connection.local.port,
    role: services.role,
    ...(connection.tls === undefined ? {} : { tls: tlsText(connection) }),
  });
  if (services.limits.greetingPauseMs > 0) await noteEarlyTalker(session);
  const protocol = services.role === "lmtp" ? "LMTP" : "ESMTP";
  session.answer(reply(220, undefined, `${services.hostName} ${protocol} Golub`));
}

/** A client that talks before it was greeted is noted, not refused: the filter weighs it. */
async function noteEarlyTalker(session: SmtpSession): Promise<void> {
  try {
    const early = await session.wire.readSome(512, session.services.limits.greetingPauseMs);
    if (early === undefined) return;
    session.wire.unread(early);
    session.recorder.add("smtp.earlyTalker", { before: "greeting", bytes: early.length });
  } catch (error) {
    if (!(error instanceof Refusal && error.reason === "timeout")) throw error;
  }
}

/** RFC 5321 with LMTP (RFC 2033) as a dialect of the one conversation loop. */
function dialectOf(services: SmtpServices): Dialect<SmtpSession, string> {
  return {
    name: services.role === "lmtp" ? "lmtp" : "smtp",
    rows: services.rows,
    errorsMax: services.limits.errorsMax,
    read: readCommand,
    phase: (session) => session.state.phase,
    isPrivate: (session) => session.isPrivate,
    refuse,
    farewell: (session, refusal) => session.hangUp(refusal),
    isOver: (session) => session.state.phase === "over",
  };
}

async function readCommand(session: SmtpSession): Promise<Command<string> | undefined> {
  if (session.isBehind) await session.caughtUp();
  await session.pause(session.pauseMs);
  const line = await session.wire.readLine({
    bytesMax: lineBytesMax(session),
    timeoutMs: session.services.limits.commandTimeoutMs,
    allowBareLf: false,
  });
  if (line === undefined) return undefined;
  const { verb, argument } = parseCommandLine(line);
  return { verb, input: argument };
}

/** RFC 4954 §4: a line with AUTH and its initial response may be longer than others. */
function lineBytesMax({ services }: SmtpSession): number {
  const { lineBytesMax: plain } = services.limits;
  return services.rows.has("AUTH") ? Math.max(plain, saslLineBytesMax) : plain;
}

function refuse(
  session: SmtpSession,
  refusal: Refusal,
  command: Command<string> | undefined,
): void {
  if (!refusal.isTemporary) session.noteError();
  const isUnknown = command !== undefined && !session.services.rows.has(command.verb);
  if (isUnknown) {
    session.answer(reply(500, "5.5.1", "Unknown command."));
  } else if (refusal.reason === "syntax" && !(refusal instanceof SmtpRefusal) && command) {
    session.answer(reply(501, "5.5.4", refusal.text));
  } else session.answer(replyTo(refusal));
}

/** Every event of a session carries its id. */
function sessionLog(session: SmtpSession): Log {
  const { log } = session.services;
  return {
    write: (level, event, facts) => log.write(level, event, { session: session.id, ...facts }),
  };
}
