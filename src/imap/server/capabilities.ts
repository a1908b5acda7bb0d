import type { ImapRow } from "./command.ts";
import { mechanismsFor } from "../../protocol/sasl.ts";
import { isPrivate, type Session } from "./session.ts";

/** True of the grammar, not of any one command (RFC 7888, RFC 9051). */
const always = ["IMAP4rev1", "IMAP4rev2", "LITERAL+"];

/** The words that rows stand for; those before login are fewer, since little is possible then. */
export function capabilitiesOf(rows: readonly ImapRow[], without: ReadonlySet<string>) {
  const isOffered = (word: string) => !without.has(word);
  const before = rows.filter(
    (row) => row.phases.includes("notAuthenticated") || row.verb === "ENABLE",
  );
  return {
    before: [...always, ...before.flatMap((row) => row.capabilities.filter(isOfBefore))].filter(
      isOffered,
    ),
    after: [...always, ...rows.flatMap((row) => row.capabilities)].filter(isOffered),
  };
}

/** ENABLE is told early, what can be enabled only later. */
function isOfBefore(word: string): boolean {
  return !["CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "UIDONLY"].includes(word);
}

/** What is offered on this connection now (RFC 9051 §6.1.1), separated by spaces. */
export function capabilities(session: Session): string {
  const { services, state } = session;
  if (state.phase !== "notAuthenticated") {
    const limit = `APPENDLIMIT=${services.limits.appendBytesMax}`;
    return [...services.capabilities.after, limit].join(" ");
  }
  const words = [...services.capabilities.before];
  if (services.tls !== undefined && session.wire.connection.tls === undefined) {
    words.push("STARTTLS");
  }
  if (!isPrivate(session)) words.push("LOGINDISABLED");
  words.push(...mechanismNames(session).map((name) => `AUTH=${name}`));
  return words.join(" ");
}

/** SASL mechanisms for this connection now: none where passwords could be overheard. */
export function mechanismNames(session: Session): readonly string[] {
  const exporter = session.wire.connection.tls?.exporter;
  return mechanismsFor({ isPrivate: isPrivate(session), exporter });
}
