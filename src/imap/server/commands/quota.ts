import { Refusal } from "../../../base/faults.ts";
import type { AccountMail } from "../../../mailbox/account-mail.ts";
import { parseMailboxName } from "../../grammar/mailbox-name.ts";
import { defineCommand, loggedIn, loggedInPhases } from "../command.ts";
import { formatName } from "../names.ts";
import { untagged } from "../replies.ts";
import type { Session } from "../session.ts";

/** RFC 9208 §3: the account is one quota root, named "". It is read here and set by the administrator. */
const rootName = "";

export const getQuota = defineCommand<string>({
  verb: "GETQUOTA",
  rfc: "RFC 9208 §4.2",
  phases: loggedInPhases,
  capabilities: ["QUOTA", "QUOTA=RES-STORAGE", "QUOTA=RES-MAILBOX"],
  sequenceNumbers: "mayChange",
  parse(scanner) {
    const root = scanner.astring("a quota root");
    scanner.end();
    return root;
  },
  async run(session, root) {
    if (root !== rootName) throw new Refusal("noSuchMailbox", "There is no such quota root.");
    await sendQuota(session, loggedIn(session).mail);
    return { text: "Told." };
  },
});

export const getQuotaRoot = defineCommand<string>({
  verb: "GETQUOTAROOT",
  rfc: "RFC 9208 §4.3",
  phases: loggedInPhases,
  sequenceNumbers: "mayChange",
  parse(scanner) {
    const name = parseMailboxName(scanner);
    scanner.end();
    return name;
  },
  async run(session, name) {
    const { mail } = loggedIn(session);
    const row = await mail.getMailbox(name);
    untagged(session, `QUOTAROOT ${formatName(session, row.name)} ""`);
    await sendQuota(session, mail);
    return { text: "Told." };
  },
});

/**
 * RFC 9208 §5.1 and §5.3: STORAGE counts units of 1024 bytes, MAILBOX counts mailboxes; without a
 * limit there is nothing to tell.
 */
async function sendQuota(session: Session, mail: AccountMail): Promise<void> {
  const { usedBytes, quotaBytes } = await mail.state();
  const storage =
    quotaBytes === 0
      ? ""
      : `STORAGE ${Math.ceil(usedBytes / 1024)} ${Math.floor(quotaBytes / 1024)} `;
  const { length } = await mail.mailboxes();
  untagged(session, `QUOTA "" (${storage}MAILBOX ${length} ${mail.mailboxesMax})`);
}
