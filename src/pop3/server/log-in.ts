import type { Login } from "../../accounts/accounts.ts";
import { asRefusal, ConnectionLost, Refusal } from "../../base/faults.ts";
import { Maildrop } from "./maildrop.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { Pop3Session } from "./session.ts";

/**
 * Proves who the client is with `prove`, takes the maildrop, and answers. Whoever guesses has to
 * wait.
 */
export async function logIn(
  session: Pop3Session,
  mechanism: string,
  prove: () => Promise<Login>,
): Promise<void> {
  const { services } = session;
  session.state = { phase: "authorization" };
  let login: Login;
  try {
    login = await services.guard.guard(session.remoteAddress, prove, services.closing);
  } catch (error) {
    noteFailure(session, mechanism, error);
    throw error;
  }
  const { address } = login;
  const drop = await enter(session, login);
  const facts = { session: session.id, remote: session.remoteAddress, address, mechanism };
  services.log.write("info", "pop3.loggedIn", { ...facts, messages: drop.count });
  session.ok(`${drop.count} messages (${drop.bytes} octets)`);
}

async function enter(session: Pop3Session, login: Login): Promise<Maildrop> {
  const { services } = session;
  const lock = services.mail.lockMaildrop(login.account);
  if (lock === undefined) {
    throw new Refusal("inUse", "Another session has the mailbox; try again when it has ended.");
  }
  try {
    const drop = await Maildrop.open(services.mail.open(login.account, `pop3:${login.address}`));
    session.state = { phase: "transaction", login, drop, reader: new ReadAhead(drop), lock };
    return drop;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function noteFailure(session: Pop3Session, mechanism: string, error: unknown): void {
  const { services } = session;
  if (error instanceof ConnectionLost) return;
  const { reason } = asRefusal(error);
  if (reason !== "loginFailed" && reason !== "accountDisabled") return;
  session.loginErrorCount++;
  services.log.write("warn", "pop3.loginFailed", {
    session: session.id,
    remote: session.remoteAddress,
    mechanism,
    reason,
  });
}
