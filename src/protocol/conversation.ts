import { asRefusal, ConnectionLost, Refusal } from "../base/faults.ts";
import type { Log } from "../base/log.ts";
import type { Row, RowTable } from "./rows.ts";
import type { Sessions } from "./sessions.ts";
import type { Wire } from "./wire.ts";

/** One command as read: its verb in upper case, and whatever the dialect's rows parse. */
export interface Command<Input> {
  readonly verb: string;
  readonly input: Input;
}

/** What differs between SMTP, IMAP, POP3 and ManageSieve in the one loop that serves them. */
export interface Dialect<Session, Input> {
  readonly name: string;
  readonly rows: RowTable<Session, Input>;
  /** Errors in a row that a client may make before it is shown the door. */
  readonly errorsMax: number;
  /** Reads the next command; undefined at the end of input. @throws Refusal, ConnectionLost. */
  read(session: Session): Promise<Command<Input> | undefined>;
  /** The phase the session is in now, as in the rows' `phases`. */
  phase(session: Session): string;
  /** Whether the connection counts as private: TLS, or loopback where policy says so. */
  isPrivate(session: Session): boolean;
  /** Writes the answer to a refused or unknown command. `command` is missing if none was read. */
  refuse(session: Session, refusal: Refusal, command: Command<Input> | undefined): void;
  /** Writes the last words before we hang up (SMTP 421, IMAP BYE), where the protocol has them. */
  farewell(session: Session, refusal: Refusal): void;
  /** True once the session is over by its own words (QUIT, LOGOUT). */
  isOver(session: Session): boolean;
}

/** Verbs of other protocols: whoever sends them is not a mail client (RFC 5321 says nothing). */
const foreignVerbs: ReadonlySet<string> = new Set([
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "PATCH",
  "TRACE",
  "HOST:",
  "PRI",
]);

/** What a conversation may be given besides. */
export interface ConverseOptions {
  /** Where the session is counted, so that the server can end it when it shuts down. */
  readonly sessions?: Sessions;
}

/**
 * Serves a session from after its greeting to its end: read one command, look up its row, check
 * phase and privacy, parse, permit, run, answer; then the next. Never throws.
 */
export async function converse<Session, Input>(
  wire: Wire,
  session: Session,
  dialect: Dialect<Session, Input>,
  log: Log,
  options: ConverseOptions = {},
): Promise<void> {
  using _entry = options.sessions?.enter(wire);
  let errorCount = 0;
  try {
    while (!dialect.isOver(session)) {
      let command: Command<Input> | undefined;
      try {
        command = await dialect.read(session);
        if (command === undefined) break;
        if (foreignVerbs.has(command.verb) && !dialect.rows.has(command.verb)) {
          log.write("info", "protocol.foreignVerb", { dialect: dialect.name, verb: command.verb });
          wire.connection.destroy();
          return;
        }
        await rowFor(session, dialect, command).execute(session, command.input);
        errorCount = 0;
      } catch (error) {
        if (error instanceof ConnectionLost) throw error;
        const refusal = explain(error, wire, dialect.name, log);
        if (refusal.reason === "timeout" || refusal.reason === "shuttingDown") {
          dialect.farewell(session, refusal);
          break;
        }
        dialect.refuse(session, refusal, command);
        if (++errorCount >= dialect.errorsMax) {
          dialect.farewell(session, new Refusal("tooManyErrors", "Too many errors."));
          break;
        }
      }
    }
    await wire.flush();
    await wire.connection.end();
  } catch (error) {
    if (!(error instanceof ConnectionLost)) explain(error, wire, dialect.name, log);
    wire.connection.destroy();
  }
}

/**
 * What the client is told of an error. Of a bug it learns a reference only, which the log has with
 * all that is known: the time of the bug, so that whoever reads the log also knows where to look.
 */
function explain(error: unknown, wire: Wire, dialect: string, log: Log): Refusal {
  const refusal = asRefusal(error);
  if (refusal.reason !== "bug") return refusal;
  const reference = wire.connection.clock.now().toString(36).toUpperCase();
  const { detail } = refusal;
  const peer = wire.connection.remote.address;
  log.write("error", "protocol.bug", { dialect, reference, peer, detail });
  const text = `Internal error; try again later, or tell your administrator: reference ${reference}.`;
  return new Refusal("bug", text, detail);
}

function rowFor<Session, Input>(
  session: Session,
  dialect: Dialect<Session, Input>,
  command: Command<Input>,
): Row<Session, Input> {
  const row = dialect.rows.get(command.verb);
  if (row === undefined) throw new Refusal("unsupported", "Unknown command.");
  if (!row.phases.includes(dialect.phase(session))) {
    throw new Refusal("badState", `${row.verb} is not possible now.`);
  }
  if (row.tls === true && !dialect.isPrivate(session)) {
    throw new Refusal("tlsRequired", "Use TLS first.");
  }
  return row;
}
