import { asRefusal, ConnectionLost } from "../../base/faults.ts";
import type { Connection } from "../../net/network.ts";
import { converse, type Dialect } from "../../protocol/conversation.ts";
import type { Wire } from "../../protocol/wire.ts";
import type { Scanner } from "../grammar/scanner.ts";
import { capabilities } from "./capabilities.ts";
import { compressionBytes } from "./compression/deflate-connection.ts";
import { releaseLiterals } from "./read-command.ts";
import { untagged } from "./replies.ts";
import { createSession, leaveAccount, type ImapServices, type Session } from "./session.ts";

/** Serves a session from greeting to end; never rejects. */
export async function serveSession(
  wire: Wire,
  services: ImapServices,
  dialect: Dialect<Session, Scanner>,
  isImplicitTls: boolean,
): Promise<void> {
  const session = createSession(wire, services);
  try {
    if (isImplicitTls && !(await startTls(session))) return;
    untagged(session, `OK [CAPABILITY ${capabilities(session)}] Golub is ready.`);
    await converse(wire, session, dialect, services.log);
  } finally {
    releaseLiterals(session);
    if (session.isCompressed) services.budget.giveBack(compressionBytes);
    leaveAccount(session);
  }
}

async function startTls(session: Session): Promise<boolean> {
  const { wire, services } = session;
  try {
    if (services.tls === undefined) throw new ConnectionLost("no certificate is configured");
    await wire.connection.startTlsServer(services.tls, services.limits.tlsTimeoutMs);
    return true;
  } catch (error) {
    const { address } = wire.connection.remote;
    services.log.write("info", "imap.tlsFailed", { address, why: asRefusal(error).detail });
    wire.connection.destroy();
    return false;
  }
}

/** Refuses a connection before it is a session; without words where TLS would have to come first. */
export async function turnAway(
  connection: Connection,
  services: ImapServices,
  isSilent: boolean,
): Promise<void> {
  services.log.write("warn", "imap.turnedAway", { address: connection.remote.address });
  if (isSilent) return connection.destroy();
  try {
    await connection.write("* BYE [LIMIT] Too many connections; try later.\r\n");
    await connection.end();
  } catch {
    // Whoever is turned away and gone already needs no answer.
    connection.destroy();
  }
}
