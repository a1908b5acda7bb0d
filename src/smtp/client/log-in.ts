import { asBuffer, fromUtf8 } from "../../base/bytes.ts";
import type { Reply } from "../grammar/reply.ts";
import type { ClientSession } from "./client-session.ts";
import type { Credentials } from "./routes.ts";
import { factsOf, isSuccess, SessionTrouble, trouble } from "./session-trouble.ts";

/**
 * Logs in at a host that wants it (RFC 4954), over TLS only. Whatever goes wrong is passing: the
 * password is our configuration, and no message fails for good because it is wrong.
 * @throws SessionTrouble
 */
export async function logIn(session: ClientSession, credentials: Credentials): Promise<void> {
  if (session.connection.tls === undefined) {
    throw trouble("4.7.11", "the login is not sent without TLS");
  }
  const { auth } = session.extensions;
  if (auth.includes("PLAIN")) return concluded(await plain(session, credentials));
  if (auth.includes("LOGIN")) return concluded(await login(session, credentials));
  throw trouble("4.7.4", `no way of logging in that we know; the server has "${auth.join(" ")}"`);
}

/** RFC 4616 §2, with an initial response (RFC 4954 §4). */
function plain(session: ClientSession, { user, password }: Credentials): Promise<Reply> {
  return say(session, `AUTH PLAIN ${base64(`\0${user}\0${password}`)}`);
}

/** The old way of asking twice, which some servers have alone. */
async function login(session: ClientSession, { user, password }: Credentials): Promise<Reply> {
  let reply = await say(session, "AUTH LOGIN");
  for (const answer of [user, password]) {
    if (reply.code !== 334) return reply;
    reply = await say(session, base64(answer));
  }
  return reply;
}

function say(session: ClientSession, line: string): Promise<Reply> {
  return session.exchange(line, "AUTH", session.limits.commandTimeoutMs);
}

function concluded(reply: Reply): void {
  if (isSuccess(reply)) return;
  const { code, text } = factsOf(reply);
  throw new SessionTrouble({ code, status: "4.7.8", text: `login refused: ${text}` });
}

function base64(text: string): string {
  return asBuffer(fromUtf8(text)).toString("base64");
}
