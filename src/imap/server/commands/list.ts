import { formatName } from "../names.ts";
import { defineCommand, loggedIn, loggedInPhases, parseNothing } from "../command.ts";
import { listMailboxes, type ListedMailbox } from "../listing/list-mailboxes.ts";
import { annotationsIn } from "../../../mailbox/annotations.ts";
import { noOptions } from "../../grammar/metadata-arguments.ts";
import { sendMetadata } from "../metadata.ts";
import { untagged, type Completion } from "../replies.ts";
import type { Session } from "../session.ts";
import { sendStatus } from "../status.ts";
import { parseList, parsePattern, type ListArguments } from "../../grammar/list-arguments.ts";
import { decodeMailboxName } from "../../grammar/mailbox-name.ts";
import type { Scanner } from "../../grammar/scanner.ts";

export const list = defineCommand<ListArguments>({
  verb: "LIST",
  rfc: "RFC 9051 §6.3.9",
  phases: loggedInPhases,
  capabilities: ["LIST-EXTENDED", "LIST-STATUS", "CHILDREN", "SPECIAL-USE", "LIST-METADATA"],
  sequenceNumbers: "mayChange",
  parse: parseList,
  async run(session, args) {
    if (args.isBasic && args.patterns[0] === "") return sendDelimiter(session);
    const { mail } = loggedIn(session);
    const [rows, subscriptions] = await Promise.all([mail.mailboxes(), mail.subscriptions()]);
    for (const mailbox of listMailboxes(rows, subscriptions, args)) {
      untagged(session, `LIST ${formatListed(session, mailbox)}`);
      if (args.returns.status.length > 0 && mailbox.row !== undefined) {
        await sendStatus(session, mail, mailbox.row, args.returns.status);
      }
      if (args.returns.metadata.length > 0 && mailbox.row !== undefined) {
        const values = annotationsIn(mailbox.row, false);
        sendMetadata(session, mailbox.name, values, args.returns.metadata, noOptions);
      }
    }
    return { text: "Listed." };
  },
});

/** RFC 9051 §6.3.9: an empty pattern asks for the delimiter and the root of the reference. */
function sendDelimiter(session: Session): Completion {
  untagged(session, 'LIST (\\Noselect) "/" ""');
  return { text: "Listed." };
}

function formatListed(session: Session, { attributes, name, childInfo }: ListedMailbox): string {
  const info = childInfo.map((criterion) => `"${criterion}"`).join(" ");
  const extended = info === "" ? "" : ` ("CHILDINFO" (${info}))`;
  return `(${attributes.join(" ")}) "/" ${formatName(session, name)}${extended}`;
}

/** RFC 3501 §6.3.9. */
export const lsub = defineCommand<ListArguments>({
  verb: "LSUB",
  rfc: "RFC 3501 §6.3.9",
  phases: loggedInPhases,
  sequenceNumbers: "mayChange",
  parse: (scanner) => parsePlainList(scanner, new Set(["SUBSCRIBED"])),
  async run(session, args) {
    const { mail } = loggedIn(session);
    const [rows, subscriptions] = await Promise.all([mail.mailboxes(), mail.subscriptions()]);
    const known = new Set(subscriptions);
    for (const { name, row } of listMailboxes(rows, withParents(subscriptions), args)) {
      // A parent of subscribed names that is itself none is told as \Noselect.
      const attribute = known.has(name) && row !== undefined ? "" : "\\Noselect";
      if (known.has(name) || args.patterns.some((pattern) => pattern.endsWith("%"))) {
        untagged(session, `LSUB (${attribute}) "/" ${formatName(session, name)}`);
      }
    }
    return { text: "Listed." };
  },
});

function withParents(names: readonly string[]): string[] {
  const all = new Set(names);
  for (const name of names) {
    for (let at = name.indexOf("/"); at > 0; at = name.indexOf("/", at + 1))
      all.add(name.slice(0, at));
  }
  return [...all];
}

/** RFC 3501 §9: a reference and one pattern, nothing more. */
export function parsePlainList(
  scanner: Scanner,
  selections: ListArguments["selections"],
): ListArguments {
  const reference = decodeMailboxName(scanner.astring("a reference name"), scanner.isUtf8);
  scanner.space();
  const patterns = [parsePattern(scanner)];
  scanner.end();
  const returns = {
    subscribed: false,
    children: false,
    specialUse: false,
    status: [],
    metadata: [],
  };
  return { selections, reference, patterns, returns, isBasic: true };
}

/** RFC 2342 §5: all mailboxes of an account are personal. */
export function sendNamespaces(session: Session): void {
  untagged(session, 'NAMESPACE (("" "/")) NIL NIL');
}

export const namespace = defineCommand({
  verb: "NAMESPACE",
  rfc: "RFC 9051 §6.3.10",
  phases: loggedInPhases,
  capabilities: ["NAMESPACE"],
  sequenceNumbers: "mayChange",
  parse: parseNothing,
  run(session) {
    sendNamespaces(session);
    return { text: "One namespace." };
  },
});
