import type { Checker } from "./checker.ts";
import { comparable, flagNames } from "./flag-names.ts";

/** What IMAP clients made of all the answers they got is what the store holds. */
export const clientsSeeTheStore: Checker = {
  name: "clients see what the store holds",
  *check({ stored, ledger }) {
    for (const view of ledger.finalViews) {
      const account = stored.accounts.find(({ address }) => address === view.account);
      const rows = [...(account?.data.mailboxes.values() ?? [])];
      const mailbox = rows.find(({ row }) => row.name === view.mailbox);
      const where = `${view.client}: ${view.mailbox} of ${view.account}`;
      const real = (mailbox?.copies ?? []).map(({ uid }) => uid).join(",");
      const seen = view.messages.map(({ uid }) => uid).join(",");
      if (real !== seen) yield `${where} holds UIDs ${real || "none"}, seen ${seen || "none"}`;
      if (mailbox?.row.uidValidity !== view.uidValidity) yield `${where}: another UIDVALIDITY`;
      for (const { uid, flags } of view.messages) {
        const copy = mailbox?.copies.find((each) => each.uid === uid);
        if (copy === undefined) continue;
        const [kept, told] = [flagNames(copy.flags).join(" "), comparable(flags).join(" ")];
        if (kept !== told) yield `${where} UID ${uid} has flags (${kept}), seen (${told})`;
      }
    }
  },
};
