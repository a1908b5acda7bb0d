import { asBuffer } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import type { Random } from "../../base/random.ts";
import { startSaslClient, type SaslClient } from "../../protocol/sasl-client.ts";
import type { Reply } from "../grammar/reply.ts";
import type { ClientSession } from "./client-session.ts";
import type { Credentials } from "./routes.ts";
import { factsOf, isSuccess, SessionTrouble, trouble } from "./session-trouble.ts";

/** Challenges of one login: the longest mechanism has two. */
const challengesMax = 4;

/**
 * Logs in at a host that wants it (RFC 4954), over TLS only, by the best mechanism that both
 * know. Whatever goes wrong is passing: the password is our configuration, and no message fails
 * for good because it is wrong.
 * @throws SessionTrouble
 */
export async function logIn(
  session: ClientSession,
  credentials: Credentials,
  random: Random,
): Promise<void> {
  const { tls } = session.connection;
  if (tls === undefined) throw trouble("4.7.11", "the login is not sent without TLS");
  const { user: name, password } = credentials;
  try {
    const facts = { random, exporter: tls.exporter };
    const client = startSaslClient(session.extensions.auth, { name, password }, facts);
    const reply = await exchange(session, client);
    if (!isSuccess(reply)) {
      const { code, text } = factsOf(reply);
      throw new SessionTrouble({ code, status: "4.7.8", text: `login refused: ${text}` });
    }
    if (!client.isServerTrusted) {
      throw trouble("4.7.8", "the server did not prove that it knows the password");
    }
  } catch (error) {
    if (error instanceof Refusal) throw trouble("4.7.8", `login not possible: ${error.text}`);
    throw error;
  }
}

/** RFC 4954 §4: the mechanism with its first answer, "=" if that is empty, then by turns. */
async function exchange(session: ClientSession, client: SaslClient): Promise<Reply> {
  const { initial } = client;
  const first = initial === undefined ? "" : ` ${initial.length === 0 ? "=" : base64(initial)}`;
  let reply = await say(session, `AUTH ${client.name}${first}`);
  for (let count = 0; reply.code === 334; count++) {
    if (count === challengesMax) throw trouble("4.7.8", "the login has no end");
    const challenge = Buffer.from(reply.lines[0] ?? "", "base64");
    reply = await say(session, base64(await client.respond(challenge)));
  }
  return reply;
}

function say(session: ClientSession, line: string): Promise<Reply> {
  return session.exchange(line, "AUTH", session.limits.commandTimeoutMs);
}

function base64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("base64");
}
