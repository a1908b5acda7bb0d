import { asRefusal, ConnectionLost, type Refusal } from "../../base/faults.ts";
import type { Connection } from "../../net/network.ts";
import { converse, type Command, type Dialect } from "../../protocol/conversation.ts";
import { saslLineBytesMax } from "../../protocol/sasl.ts";
import { Wire } from "../../protocol/wire.ts";
import { parseCommandLine } from "../grammar/command.ts";
import { Pop3Session, type Pop3Services } from "./session.ts";

/** Serves the connection to its end; never throws. */
export async function serveSession(
  connection: Connection,
  services: Pop3Services,
  isImplicitTls: boolean,
): Promise<void> {
  const wire = new Wire(connection);
  const session = new Pop3Session(wire, services);
  const log: typeof services.log = {
    write: (level, event, facts) =>
      services.log.write(level, event, { session: session.id, ...facts }),
  };
  try {
    if (isImplicitTls && services.tls !== undefined) {
      await wire.connection.startTlsServer(services.tls, services.limits.handshakeTimeoutMs);
    }
    session.ok("Golub POP3 ready.");
  } catch (error) {
    if (!(error instanceof ConnectionLost)) {
      log.write("info", "pop3.openFailed", { detail: asRefusal(error).message });
    }
    wire.connection.destroy();
    return;
  }
  // Counted until its maildrop is free, so that the store is not closed before.
  using _entry = services.sessions.enter(wire);
  await converse(wire, session, dialectOf(services), log);
  await session.leave();
  log.write("debug", "pop3.closed", { retrieved: session.retrievedCount });
}

/** RFC 1939 as a dialect of the one conversation loop. */
function dialectOf(services: Pop3Services): Dialect<Pop3Session, string | undefined> {
  return {
    name: "pop3",
    rows: services.rows,
    errorsMax: services.limits.errorsMax,
    read: readCommand,
    phase: (session) => session.state.phase,
    isPrivate: (session) => session.isPrivate,
    refuse,
    farewell,
    isOver: (session) => session.state.phase === "over",
  };
}

async function readCommand(session: Pop3Session): Promise<Command<string | undefined> | undefined> {
  const { limits } = session.services;
  const { state } = session;
  const isLoggedIn = state.phase === "transaction";
  if (isLoggedIn && session.wire.bufferedBytes > 0) session.isPipelining = true;
  const line = await session.wire.readLine({
    bytesMax: isLoggedIn ? limits.lineBytesMax : Math.max(limits.lineBytesMax, saslLineBytesMax),
    timeoutMs: limits.idleTimeoutMs,
    allowBareLf: true,
  });
  if (line === undefined) return undefined;
  if (isLoggedIn && !session.isPipelining) state.drop.acknowledge();
  const { verb, argument } = parseCommandLine(line);
  return { verb, input: argument };
}

function refuse(session: Pop3Session, refusal: Refusal): void {
  session.refuse(refusal);
  if (session.loginErrorCount >= session.services.limits.loginErrorsMax) session.end();
}

/** RFC 1939 §3: whoever is silent for too long is cut off without a word and without UPDATE. */
function farewell(session: Pop3Session, refusal: Refusal): void {
  if (refusal.reason === "timeout") session.end();
  else session.hangUp(refusal);
}
