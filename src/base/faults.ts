/**
 * Why a request was refused. One closed list for the whole server: each protocol maps all of it
 * to its own wire form, and the compiler checks that the map is complete.
 */
export const reasons = [
  "syntax", // the command or its argument is not what the grammar says
  "tooLong", // a line, literal or list passes its named limit
  "badState", // right command at the wrong time
  "unsupported", // a feature or parameter that is not offered
  "tlsRequired", // the command needs TLS first
  "loginRequired",
  "loginFailed", // wrong name or password: never says which
  "accountDisabled",
  "notPermitted", // known who, but without the right
  "noSuchUser", // recipient is not an address here
  "relayDenied", // recipient is elsewhere and the sender has no right to relay
  "noSuchMailbox",
  "mailboxExists",
  "mailboxNameInvalid",
  "mailboxHasChildren",
  "noSuchMessage",
  "overQuota",
  "messageTooLarge",
  "tooManyRecipients",
  "tooManyErrors",
  "tooManyConnections",
  "tooManyHops", // mail loop
  "rejectedContent",
  "inUse", // locked by another session
  "conflict", // an expectation of a batch does not hold any more
  "limit", // any other named limit
  "diskFull", // temporary: no room to keep what was sent
  "unavailable", // temporary: a part of the server cannot answer now
  "timeout",
  "shuttingDown",
  "bug", // ours; the person sees a reference number, the log has the details
] as const;

export type Reason = (typeof reasons)[number];

/** The reason that a text from elsewhere names; undefined when it is none of ours. */
export function findReason(text: unknown): Reason | undefined {
  return reasons.find((reason) => reason === text);
}

/** Refusals that may succeed later without any change by the client. */
const temporaryReasons: ReadonlySet<Reason> = new Set<Reason>([
  "tooManyConnections",
  "inUse",
  "conflict",
  "diskFull",
  "unavailable",
  "timeout",
  "shuttingDown",
  "bug",
  "overQuota",
]);

/**
 * A request that is refused. `text` is for the person at the other end: it says what to do next
 * and never shows internals. What only the log may see goes into `detail`.
 */
export class Refusal extends Error {
  override name = "Refusal";
  readonly reason: Reason;
  readonly text: string;
  readonly detail: string | undefined;

  constructor(reason: Reason, text: string, detail?: string) {
    super(detail === undefined ? `${reason}: ${text}` : `${reason}: ${text} (${detail})`);
    this.reason = reason;
    this.text = text;
    this.detail = detail;
  }

  get isTemporary(): boolean {
    return temporaryReasons.has(this.reason);
  }
}

/** The other end is gone, or we cut it off: nothing more can be said on this connection. */
export class ConnectionLost extends Error {
  override name = "ConnectionLost";
}

/** Turns anything thrown into a refusal; what is not one already is a bug or a passing fault. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Refusal("bug", "Internal error; try again later.", detail);
}
