import type { Login, Authenticator } from "../../accounts/accounts.ts";
import { formatLoginName } from "../../accounts/login-name.ts";
import { Refusal } from "../../base/faults.ts";
import type { Clock } from "../../base/clock.ts";
import type { AccountId, Uid } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { AccountMail, MailService } from "../../mailbox/account-mail.ts";
import type { View } from "../../mailbox/view.ts";
import type { TlsServerContext } from "../../net/network.ts";
import { isLoopback } from "../../net/networks.ts";
import type { LoginGuard } from "../../protocol/login-guard.ts";
import type { Wire } from "../../protocol/wire.ts";
import type { ByteBudget } from "../../protocol/byte-budget.ts";
import { english, type Language } from "./languages/languages.ts";
import type { ImapLimits } from "./limits.ts";
import type { Notifier } from "./notifying/notifier.ts";
import type { SearchContexts } from "./searching/context.ts";

/** From where passwords are taken without TLS. */
export type PlainTextLogin = "never" | "loopback" | "always";

/** What all sessions of a server share. */
export interface ImapServices {
  readonly mail: MailService;
  readonly authenticator: Authenticator;
  /** Slows down who guesses passwords; shared by all doors. */
  readonly guard: LoginGuard;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Absent: STARTTLS is not offered. */
  readonly tls: TlsServerContext | undefined;
  readonly plainTextLogin: PlainTextLogin;
  /** Words that the command rows stand for, before and after login. */
  readonly capabilities: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly limits: ImapLimits;
  readonly budget: ByteBudget;
  /** Sessions by account, for `sessionsPerAccountMax`. */
  readonly sessionCounts: Map<AccountId, number>;
}

/** RFC 9051 §3: what exists only in one state is only in its member. */
export type SessionState =
  | { readonly phase: "notAuthenticated" }
  | { readonly phase: "authenticated"; readonly login: Login; readonly mail: AccountMail }
  | SelectedState
  | { readonly phase: "logout" };

export interface SelectedState {
  readonly phase: "selected";
  readonly login: Login;
  readonly mail: AccountMail;
  readonly view: View;
  /** Opened by EXAMINE: nothing may change. */
  readonly isReadOnly: boolean;
  /** "$": UIDs of the last SEARCH with RETURN (SAVE), rising (RFC 9051 §6.4.4.1). */
  saved: readonly Uid[] | Uint32Array;
  /** Searches whose results are kept up to date (RFC 5267). */
  readonly contexts: SearchContexts;
  /** Messages with higher UIDs are new to the client. */
  uidSeen: number;
  /** New messages of which more may have to be told than their number (RFC 5465 §5.2). */
  readonly arrived: Set<number>;
  /** New messages that this session made itself, and that are not among `arrived`. */
  readonly ownUids: Set<number>;
}

/** States in which an account's mail is at hand. */
export type LoggedInState = Exclude<
  SessionState,
  { readonly phase: "notAuthenticated" | "logout" }
>;

export interface Session {
  readonly wire: Wire;
  readonly services: ImapServices;
  state: SessionState;
  /** Of the command that is being read or answered; undefined when it had none. */
  tag: string | undefined;
  /** Bytes of the global budget that the command at hand holds. */
  heldBytes: number;
  /** Extensions that change what we send (RFC 5161). */
  hasCondstore: boolean;
  hasQresync: boolean;
  hasRev2: boolean;
  hasUtf8: boolean;
  /** RFC 9586: sequence numbers are neither told nor taken. */
  isUidOnly: boolean;
  /** In which the session speaks to people (RFC 5255). */
  language: Language;
  /** Set by NOTIFY (RFC 5465). */
  notifier: Notifier | undefined;
  /** The client is between commands, or in IDLE: news may be told now. */
  isWaiting: boolean;
  isIdling: boolean;
  /** NOTIFICATIONOVERFLOW is to be told (RFC 5465 §5.8). */
  overflowed: boolean;
  /** RFC 4978: both directions are compressed. */
  isCompressed: boolean;
}

export function createSession(wire: Wire, services: ImapServices): Session {
  return {
    wire,
    services,
    state: { phase: "notAuthenticated" },
    tag: undefined,
    heldBytes: 0,
    hasCondstore: false,
    hasQresync: false,
    hasRev2: false,
    hasUtf8: false,
    isUidOnly: false,
    language: english,
    notifier: undefined,
    isWaiting: false,
    isIdling: false,
    overflowed: false,
    isCompressed: false,
  };
}

/** Names and quoted strings go as UTF-8 (RFC 9051 §5.1, RFC 9755 §3). */
export function speaksUtf8(session: Session): boolean {
  return session.hasRev2 || session.hasUtf8;
}

/** Whether passwords may cross the connection: TLS, or a place that policy trusts. */
export function isPrivate({ wire, services }: Session): boolean {
  const { connection } = wire;
  if (connection.tls !== undefined || services.plainTextLogin === "always") return true;
  return services.plainTextLogin === "loopback" && isLoopback(connection.remote.address);
}

/** Messages that this session put into the selected mailbox itself (RFC 5465 §5.2). */
export function noteOwn({ ownUids }: SelectedState, uids: readonly Uid[]): void {
  for (const uid of uids) ownUids.add(uid);
}

/** Lets go of the selected mailbox, if there is one. */
export function closeSelected(session: Session): void {
  const { state } = session;
  if (state.phase !== "selected") return;
  state.view.close();
  session.state = { phase: "authenticated", login: state.login, mail: state.mail };
}

/** The session belongs to an account from now on. @throws Refusal `tooManyConnections`. */
export function enterAccount(session: Session, login: Login): void {
  const { sessionCounts, limits, mail, log } = session.services;
  const count = sessionCounts.get(login.account) ?? 0;
  if (count >= limits.sessionsPerAccountMax) {
    throw new Refusal("tooManyConnections", "Too many sessions of this account are open.");
  }
  sessionCounts.set(login.account, count + 1);
  const address = session.wire.connection.remote.address;
  log.write("info", "imap.loggedIn", { account: login.account, address });
  session.state = {
    phase: "authenticated",
    login,
    mail: mail.open(login.account, `imap:${formatLoginName(login)}`),
  };
}

/** Back to before login; only TLS stays (RFC 8437 §3). */
export function forgetLogin(session: Session): void {
  leaveAccount(session);
  session.state = { phase: "notAuthenticated" };
  session.hasCondstore = session.hasQresync = session.hasRev2 = false;
  session.hasUtf8 = session.isUidOnly = false;
  session.language = english;
}

/** Lets go of everything that the session holds; nothing may be said after it. */
export function leaveAccount(session: Session): void {
  session.notifier?.[Symbol.dispose]();
  session.notifier = undefined;
  closeSelected(session);
  const { state } = session;
  if (state.phase === "authenticated") {
    const { sessionCounts } = session.services;
    const left = (sessionCounts.get(state.login.account) ?? 1) - 1;
    if (left > 0) sessionCounts.set(state.login.account, left);
    else sessionCounts.delete(state.login.account);
  }
  session.state = { phase: "logout" };
}
