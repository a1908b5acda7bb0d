import { formatLoginName } from "../../accounts/login-name.ts";
import { sleep } from "../../base/clock.ts";
import { asRefusal, ConnectionLost, Refusal } from "../../base/faults.ts";
import { readFetchPreferences } from "../../mailbox/fetch-preferences.ts";
import type { FetchPreferences } from "../../mailbox/fetch-preferences.ts";
import type { AccountId } from "../../base/ids.ts";
import { fetchedKeyword } from "../../mailbox/fetched-keyword.ts";
import { normaliseMailboxName } from "../../mailbox/names.ts";
import { flagBits } from "../../store/mail-changes.ts";
import { Maildrop } from "./maildrop.ts";
import type { MaildropOptions } from "./maildrop.ts";
import type { MaildropLogin } from "./maildrop-authority.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { Pop3Services, Pop3Session } from "./session.ts";

/** A maildrop that is in use is looked at again after this. */
const lookAgainMs = 100;
/** How far back `recent:` reaches. */
const recentMs = 30 * 86_400_000;

/**
 * Proves who the client is with `prove`, takes the maildrop, and answers. Whoever guesses has to
 * wait.
 */
export async function logIn(
  session: Pop3Session,
  mechanism: string,
  prove: () => Promise<MaildropLogin>,
): Promise<void> {
  const { services } = session;
  session.state = { phase: "authorization" };
  let login: MaildropLogin;
  try {
    login = await services.guard.guard(session.remoteAddress, prove, services.closing);
  } catch (error) {
    noteFailure(session, mechanism, error);
    throw error;
  }
  const { address, device } = login;
  const drop = await enter(session, login);
  const facts = { session: session.id, remote: session.remoteAddress, address, device, mechanism };
  services.log.write("info", "pop3.loggedIn", { ...facts, messages: drop.count });
  session.ok(session.texts.messages(drop.count, drop.bytes));
}

/** RFC 1939 §4: takes the maildrop for this session alone. Each device has one of its own. */
async function enter(session: Pop3Session, login: MaildropLogin): Promise<Maildrop> {
  const { services } = session;
  const { account, device } = login;
  const mailbox = normaliseMailboxName(login.mailbox);
  const lock = await lockMaildrop(services, account, `${device} ${mailbox}`);
  if (lock === undefined) {
    throw new Refusal("inUse", "Another session has the mailbox; try again when it has ended.");
  }
  try {
    const mail = services.mail.open(account, `pop3:${formatLoginName(login)}`);
    const preferences = await readFetchPreferences(mail);
    const drop = await Maildrop.open(mail, dropOptions(services, login, mailbox, preferences));
    session.state = { phase: "transaction", login, drop, reader: new ReadAhead(drop), lock };
    return drop;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/**
 * A client whose connection broke comes back before the server knows that the old session is over,
 * and is told to have a little patience by the answer coming later. Undefined when it was too long.
 */
async function lockMaildrop(
  { mail, clock, limits, closing }: Pop3Services,
  account: AccountId,
  name: string,
): Promise<Disposable | undefined> {
  for (let waitedMs = 0; ; waitedMs += lookAgainMs) {
    const lock = mail.lockMaildrop(account, name);
    if (lock !== undefined || waitedMs >= limits.maildropWaitMs) return lock;
    await sleep(clock, lookAgainMs, closing);
  }
}

/**
 * What a device has fetched is kept with the messages themselves, as a keyword: as durable as
 * they are, in each engine and each copy, and still known when a message moves and comes back.
 */
function dropOptions(
  { marksSeen, removal, clock }: Pop3Services,
  { device, isRecent }: MaildropLogin,
  mailbox: string,
  preferences: FetchPreferences,
): MaildropOptions {
  const keyword = device === "" ? undefined : fetchedKeyword(device);
  return {
    mailbox,
    removal: preferences.removal ?? removal,
    fetchedFlags: {
      system: (preferences.marksSeen ?? marksSeen) ? flagBits.seen : 0,
      keywords: keyword === undefined ? [] : [keyword],
    },
    ...(keyword === undefined ? {} : { withoutKeyword: keyword }),
    ...(isRecent ? { sinceMs: clock.now() - recentMs } : {}),
  };
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
