import { InvariantError } from "../../base/assert.ts";
import { Refusal } from "../../base/faults.ts";

/** What went wrong with the database, as far as it matters to whoever asked. */
export type DatabaseFault =
  /** No answer will come on this connection; nobody knows what became of a commit under way. */
  | "connectionLost"
  /** The transaction lost against another one and may simply be tried again. */
  | "conflict"
  | "diskFull"
  /** The statement or its data is wrong: trying it again changes nothing. */
  | "refused";

/** By PostgreSQL's error code (documentation, appendix A), or what the system said. */
export function faultOf(error: unknown): DatabaseFault {
  if (ours.some((kind) => error instanceof kind)) return "refused";
  const code = codeOf(error);
  if (code === undefined) return "connectionLost";
  if (code === "53100") return "diskFull";
  if (code === "23505" && isOnCommitKey(error)) return "conflict";
  // Serialization failure, deadlock, lock timeout, statement cancelled.
  if (["40001", "40P01", "55P03", "57014"].includes(code)) return "conflict";
  // 08: connection; 53: resources; 57P: shutdown; 25P03: idle for too long; 25006: read only, as
  // after a failover to another server that has not taken over yet.
  if (/^(08|53|57P|25P03|25006)/.test(code)) return "connectionLost";
  // No class of PostgreSQL's codes begins with E, and all of the system's names do: EPIPE.
  return /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? "refused" : "connectionLost";
}

/** An earlier try of the same commit got through while this one was on its way. */
function isOnCommitKey(error: unknown): boolean {
  return error instanceof Error && "constraint" in error && error.constraint === "commit_key_pkey";
}

/** What this program throws by itself; a lost connection is a plain Error. */
const ours = [Refusal, InvariantError, TypeError, RangeError, SyntaxError];

/** The code of PostgreSQL, or of the system (ECONNREFUSED and the like). */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** One sentence for whoever starts the server; never shows the password. */
export function explainOpening(error: unknown, url: URL): string {
  const where = url.host === "" ? "the local socket" : decodeURIComponent(url.host);
  const user = decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1));
  const said = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case "ECONNREFUSED":
    case "ENOENT":
    case "EHOSTUNREACH":
    case "ETIMEDOUT":
      return `No PostgreSQL server answers at ${where}: start it, or correct the address.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The name ${url.hostname} of the PostgreSQL server is not known: correct the address.`;
    case "28P01":
    case "28000":
      return `PostgreSQL at ${where} does not let the user ${user} in: check name and password.`;
    case "3D000":
      return `There is no database ${database} at ${where}: make it, in UTF-8, or correct the address.`;
    case "42501":
      return `The user ${user} may not make tables in ${database}: give it the right, best as the database's owner.`;
    case "53300":
      return `PostgreSQL at ${where} has no connection left: raise max_connections.`;
    default:
      return `The PostgreSQL store at ${where} cannot be opened: ${said}`;
  }
}

/** @throws Refusal `syntax` for anything but the address of a database. */
export function parseDatabaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPostgres = url?.protocol === "postgres:" || url?.protocol === "postgresql:";
  if (url === undefined || !isPostgres || url.pathname.length < 2 || !text.includes("://")) {
    throw new Refusal(
      "syntax",
      "That is not a PostgreSQL address: postgres://user:password@host:port/database.",
    );
  }
  return url;
}
