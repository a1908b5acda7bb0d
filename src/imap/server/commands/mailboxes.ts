import type { Refusal } from "../../../base/faults.ts";
import type { MailboxRole } from "../../../store/directory.ts";
import { parseMailboxName } from "../../grammar/mailbox-name.ts";
import { parseStatusItems, type StatusItem } from "../../grammar/status-items.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { defineCommand, loggedIn, loggedInPhases, type ImapRow } from "../command.ts";
import { roleOfUse } from "../listing/list-mailboxes.ts";
import { CodedRefusal } from "../replies.ts";
import { sendStatus } from "../status.ts";

function parseOneName(scanner: Scanner): string {
  const name = parseMailboxName(scanner);
  scanner.end();
  return name;
}

interface CreateArguments {
  readonly name: string;
  /** Special uses as asked for: "\Sent". */
  readonly uses: readonly string[];
}

/** RFC 9051 §6.3.4, RFC 6154 §3 (USE), RFC 8474 §4.1 (MAILBOXID). */
export const create = defineCommand<CreateArguments>({
  verb: "CREATE",
  rfc: "RFC 9051 §6.3.4",
  phases: loggedInPhases,
  capabilities: ["CREATE-SPECIAL-USE"],
  sequenceNumbers: "mayChange",
  parse: parseCreate,
  async run(session, { name, uses }) {
    const { mail } = loggedIn(session);
    const role = roleFor(uses);
    if (role !== undefined && (await mail.findRole(role)) !== undefined) throw useTaken();
    const row = await mail.createMailbox(name, role);
    return { text: "Created.", code: `MAILBOXID (F${row.id})` };
  },
});

function parseCreate(scanner: Scanner): CreateArguments {
  const name = parseMailboxName(scanner);
  let uses: string[] = [];
  if (scanner.skip(" ")) {
    scanner.open();
    scanner.expect("USE ", "USE");
    const parseUse = () => {
      scanner.expect("\\", "a special use");
      return `\\${scanner.atom("a special use")}`;
    };
    uses = scanner.list(parseUse, { allowEmpty: true, itemsMax: 8 });
    scanner.close();
  }
  scanner.end();
  return { name, uses };
}

/** A mailbox has one use here (RFC 6154 §3: a server need not support combinations). */
function roleFor(uses: readonly string[]): MailboxRole | undefined {
  const [use, ...more] = uses;
  if (use === undefined) return undefined;
  const role = roleOfUse(use);
  if (role === undefined || more.length > 0) {
    throw new CodedRefusal("notPermitted", "USEATTR", "This special use is not possible here.");
  }
  return role;
}

function useTaken(): Refusal {
  return new CodedRefusal("notPermitted", "USEATTR", "Another mailbox has this special use.");
}

export const remove = defineCommand<string>({
  verb: "DELETE",
  rfc: "RFC 9051 §6.3.5",
  phases: loggedInPhases,
  sequenceNumbers: "mayChange",
  parse: parseOneName,
  async run(session, name) {
    await loggedIn(session).mail.deleteMailbox(name);
    return { text: "Deleted." };
  },
});

export const rename = defineCommand<{ from: string; to: string }>({
  verb: "RENAME",
  rfc: "RFC 9051 §6.3.6",
  phases: loggedInPhases,
  sequenceNumbers: "mayChange",
  parse(scanner) {
    const from = parseMailboxName(scanner);
    scanner.space();
    const to = parseOneName(scanner);
    return { from, to };
  },
  async run(session, { from, to }) {
    await loggedIn(session).mail.renameMailbox(from, to);
    return { text: "Renamed." };
  },
});

export const subscribe = subscribeRow("SUBSCRIBE", "RFC 9051 §6.3.7", true);
export const unsubscribe = subscribeRow("UNSUBSCRIBE", "RFC 9051 §6.3.8", false);

function subscribeRow(verb: string, rfc: string, isSubscribed: boolean): ImapRow {
  return defineCommand<string>({
    verb,
    rfc,
    phases: loggedInPhases,
    sequenceNumbers: "mayChange",
    parse: parseOneName,
    async run(session, name) {
      await loggedIn(session).mail.subscribe(name, isSubscribed);
      return { text: isSubscribed ? "Subscribed." : "No longer subscribed." };
    },
  });
}

/** RFC 9051 §6.3.11; the items' own RFCs are in grammar/status-items.ts. */
export const status = defineCommand<{ name: string; items: readonly StatusItem[] }>({
  verb: "STATUS",
  rfc: "RFC 9051 §6.3.11",
  phases: loggedInPhases,
  capabilities: ["STATUS=SIZE"],
  sequenceNumbers: "mayChange",
  parse(scanner) {
    const name = parseMailboxName(scanner);
    scanner.space();
    const items = parseStatusItems(scanner);
    scanner.end();
    return { name, items };
  },
  async run(session, { name, items }) {
    const { mail } = loggedIn(session);
    await sendStatus(session, mail, await mail.getMailbox(name), items);
    return { text: "Told." };
  },
});
