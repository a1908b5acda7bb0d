import { defineCommand, loggedIn, loggedInPhases } from "../command.ts";
import { listMailboxes } from "../listing/list-mailboxes.ts";
import { formatName } from "../names.ts";
import { untagged } from "../replies.ts";
import type { ListArguments } from "../../grammar/list-arguments.ts";
import { parsePlainList } from "./list.ts";

/** Uses that had other names before RFC 6154 §2. */
const oldUses: ReadonlyMap<string, string> = new Map([
  ["\\Flagged", "\\Starred"],
  ["\\Junk", "\\Spam"],
]);

/** What LIST with special uses was before RFC 6154, for clients that never learned that. */
export const xlist = defineCommand<ListArguments>({
  verb: "XLIST",
  rfc: "RFC 6154 §2",
  phases: loggedInPhases,
  capabilities: ["XLIST"],
  sequenceNumbers: "mayChange",
  parse: (scanner) => parsePlainList(scanner, new Set()),
  async run(session, args) {
    const { mail } = loggedIn(session);
    for (const { name, attributes } of listMailboxes(await mail.mailboxes(), [], args)) {
      const uses = attributes.map((attribute) => oldUses.get(attribute) ?? attribute);
      if (name === "INBOX") uses.push("\\Inbox");
      untagged(session, `XLIST (${uses.join(" ")}) "/" ${formatName(session, name)}`);
    }
    return { text: "Listed." };
  },
});
