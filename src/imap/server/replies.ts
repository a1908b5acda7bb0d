import { asRefusal, Refusal, type Reason } from "../../base/faults.ts";
import { english } from "./languages/languages.ts";
import type { Session } from "./session.ts";

type Status = "OK" | "NO" | "BAD";

/** How a reason is said in IMAP: the status, and the response code where one fits. */
interface Saying {
  readonly status: "NO" | "BAD";
  readonly code?: string;
}

/** RFC 9051 §7.1 and the IMAP response codes registry; RFC 5530 §3, RFC 4469 (TOOBIG). */
const sayings: Readonly<Record<Reason, Saying>> = {
  syntax: { status: "BAD" },
  tooLong: { status: "BAD", code: "TOOBIG" },
  badState: { status: "BAD", code: "CLIENTBUG" },
  unsupported: { status: "BAD" },
  tlsRequired: { status: "NO", code: "PRIVACYREQUIRED" },
  loginRequired: { status: "NO", code: "CLIENTBUG" },
  loginFailed: { status: "NO", code: "AUTHENTICATIONFAILED" },
  accountDisabled: { status: "NO", code: "CONTACTADMIN" },
  notPermitted: { status: "NO", code: "NOPERM" },
  noSuchUser: { status: "NO", code: "NONEXISTENT" },
  relayDenied: { status: "NO", code: "NOPERM" },
  noSuchMailbox: { status: "NO", code: "NONEXISTENT" },
  mailboxExists: { status: "NO", code: "ALREADYEXISTS" },
  mailboxNameInvalid: { status: "NO", code: "CANNOT" },
  mailboxHasChildren: { status: "NO", code: "HASCHILDREN" },
  noSuchMessage: { status: "NO", code: "EXPUNGEISSUED" },
  overQuota: { status: "NO", code: "OVERQUOTA" },
  messageTooLarge: { status: "NO", code: "TOOBIG" },
  tooManyRecipients: { status: "NO", code: "LIMIT" },
  tooManyErrors: { status: "BAD" },
  tooManyConnections: { status: "NO", code: "LIMIT" },
  tooManyHops: { status: "NO" },
  rejectedContent: { status: "NO", code: "CANNOT" },
  inUse: { status: "NO", code: "INUSE" },
  conflict: { status: "NO", code: "INUSE" },
  limit: { status: "NO", code: "LIMIT" },
  diskFull: { status: "NO", code: "UNAVAILABLE" },
  unavailable: { status: "NO", code: "UNAVAILABLE" },
  timeout: { status: "NO", code: "UNAVAILABLE" },
  shuttingDown: { status: "NO", code: "UNAVAILABLE" },
  bug: { status: "NO", code: "SERVERBUG" },
};

/** How a command ended, before it is said. */
export interface Completion {
  readonly text: string;
  /** Response code without brackets; a function is asked after the untagged answers were sent. */
  readonly code?: string | (() => string | undefined);
}

/**
 * Adds to the output without waiting. A connection that is lost, or that does not take it in time,
 * shows in the next read or awaited write.
 */
export function say({ wire }: Session, data: string | Uint8Array): void {
  wire.write(data)?.catch(() => undefined);
}

export function untagged(session: Session, text: string): void {
  say(session, `* ${session.language === english ? text : translated(session, text)}\r\n`);
}

/** What is for a person in a status response: all behind its code (RFC 5255 §3.5). */
function translated({ language }: Session, text: string): string {
  const match = /^((?:OK|NO|BYE) (?:\[[^\]]*\] )?)(.*)$/s.exec(text);
  return match === null ? text : `${match[1]}${language.translate(match[2] ?? "")}`;
}

/** Asks the client to go on (RFC 9051 §7.6). */
export function askFor(session: Session, text: string): void {
  say(session, `+ ${session.language.translate(text)}\r\n`);
}

export function tagged(session: Session, status: Status, completion: Completion): void {
  const { code } = completion;
  const said = typeof code === "function" ? code() : code;
  const bracketed = said === undefined ? "" : `[${said}] `;
  say(
    session,
    `${session.tag ?? "*"} ${status} ${bracketed}${session.language.translate(completion.text)}\r\n`,
  );
}

/** A refusal with a response code of its own, where the reason's usual one says too little. */
export class CodedRefusal extends Refusal {
  readonly code: string;

  constructor(reason: Reason, code: string, text: string) {
    super(reason, text);
    this.code = code;
  }
}

/** Says a refusal, tagged when the command's tag could be read. */
export function sayRefusal(session: Session, refusal: Refusal): void {
  const saying = sayings[refusal.reason];
  const said = refusal instanceof CodedRefusal ? refusal.code : saying.code;
  tagged(session, saying.status, {
    text: session.language.refusal(refusal.reason) ?? oneLine(refusal.text),
    ...(said === undefined ? {} : { code: said }),
  });
}

/** Last words before the connection is closed by us (RFC 9051 §7.1.5). */
export function sayBye(session: Session, text: string, code?: string): void {
  untagged(session, `BYE ${code === undefined ? "" : `[${code}] `}${oneLine(text)}`);
}

/** Refusals that are an answer like any other; the rest counts as a client's error. */
export function isPlainAnswer(error: unknown): boolean {
  return (
    sayings[asRefusal(error).reason].status === "NO" && !countedReasons.has(asRefusal(error).reason)
  );
}

const countedReasons: ReadonlySet<Reason> = new Set<Reason>([
  "loginFailed",
  "tlsRequired",
  "timeout",
  "shuttingDown",
  "bug",
]);

/** Text for a person on one line: RFC 9051 §9 text has no CR or LF, and ours only ASCII. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, "?");
}
