import type { ClientSession } from "./client-session.ts";
import { parseExtensions } from "./extensions.ts";
import { isSuccess, refusedBy, SessionTrouble, TlsTrouble, trouble } from "./session-trouble.ts";
import type { TlsPolicy } from "./tls-policy.ts";

export interface OpenOptions {
  /** Our name, as RFC 5321 §4.1.4 wants it: a host name or an address literal. */
  readonly hostName: string;
  /** The server's name: asked for in TLS, and what its certificate must be valid for. */
  readonly serverName: string;
  readonly tls: TlsPolicy;
  /** TLS from the first byte (RFC 8314 §3.3). */
  readonly isImplicitTls: boolean;
  readonly extraCa: string | undefined;
}

/**
 * Brings a fresh connection to where MAIL may be said: greeting, EHLO or HELO, STARTTLS and
 * EHLO again.
 * @throws SessionTrouble
 */
export async function openSession(session: ClientSession, options: OpenOptions): Promise<void> {
  const { limits } = session;
  if (options.isImplicitTls) await startTls(session, options);
  const greeting = await session.readReply("the greeting", limits.greetingTimeoutMs);
  if (greeting.code !== 220) throw refusedBy(greeting);
  await sayHello(session, options.hostName);
  if (session.connection.tls !== undefined || options.tls === "off") return;
  if (!session.extensions.startTls) {
    if (options.tls === "opportunistic") return;
    throw trouble("4.7.4", "TLS is needed and not offered");
  }
  const answer = await session.command("STARTTLS", limits.commandTimeoutMs);
  if (answer.code === 220) {
    await startTls(session, options);
    await sayHelloAgain(session, options.hostName);
  } else if (options.tls !== "opportunistic") {
    throw refusedBy({ ...answer, code: 454, status: "4.7.4" });
  }
}

function startTls(session: ClientSession, options: OpenOptions): Promise<void> {
  return session.startTls({
    serverName: options.serverName,
    mustVerify: options.tls === "verified",
    ...(options.extraCa !== undefined && { extraCa: options.extraCa }),
  });
}

/**
 * RFC 3207 §4.2: what was said before TLS is forgotten. With TLS 1.3 the handshake may seem good
 * here and have failed there, so that silence now is a failure of TLS.
 */
async function sayHelloAgain(session: ClientSession, hostName: string): Promise<void> {
  try {
    await sayHello(session, hostName);
  } catch (error) {
    if (error instanceof SessionTrouble && error.facts.code === 0)
      throw new TlsTrouble(error.facts);
    throw error;
  }
}

/** RFC 5321 §3.2: EHLO, and HELO for a server that does not know it. */
async function sayHello(session: ClientSession, hostName: string): Promise<void> {
  const { commandTimeoutMs } = session.limits;
  const ehlo = await session.command(`EHLO ${hostName}`, commandTimeoutMs);
  if (isSuccess(ehlo)) {
    session.remoteName = (ehlo.lines[0] ?? "").split(" ", 1)[0]?.toLowerCase() ?? "";
    session.extensions = parseExtensions(ehlo.lines);
    return;
  }
  if (ehlo.code < 500) throw refusedBy(ehlo);
  const helo = await session.command(`HELO ${hostName}`, commandTimeoutMs);
  if (!isSuccess(helo)) throw refusedBy(helo);
  session.extensions = parseExtensions([]);
}
