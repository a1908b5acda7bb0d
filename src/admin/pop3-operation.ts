import { Refusal } from "../base/faults.ts";
import {
  readFetchPreferences,
  removals,
  writeFetchPreferences,
} from "../mailbox/fetch-preferences.ts";
import type { FetchPreferences } from "../mailbox/fetch-preferences.ts";
import type { Operation } from "./operations.ts";

/** Stands for "as the server's configuration says". */
const asServer = "server";

/** Shows what an account wants of POP3, after changing what is given. */
export const pop3Operation: Operation = {
  name: "account.pop3",
  args: ["address", "onDelete", "markRead"],
  async run({ directory, mail }, args) {
    const { id } = await directory.getAccount(args.text("address"));
    const wanted = {
      ...parseRemoval(args.findText("onDelete")),
      ...parseMarkRead(args.findText("markRead")),
    };
    const own = mail.open(id, "admin");
    await writeFetchPreferences(own, wanted);
    const { removal, marksSeen } = await readFetchPreferences(own);
    return {
      onDelete: removal ?? asServer,
      markRead: marksSeen === undefined ? asServer : marksSeen ? "yes" : "no",
    };
  },
};

function parseRemoval(text: string | undefined): Partial<FetchPreferences> {
  if (text === undefined) return {};
  if (text === asServer) return { removal: undefined };
  const removal = removals.find((each) => each === text);
  if (removal !== undefined) return { removal };
  const words = [...removals, asServer].join(", ");
  throw new Refusal("syntax", `onDelete is ${text}; it must be one of ${words}.`);
}

function parseMarkRead(text: string | undefined): Partial<FetchPreferences> {
  if (text === undefined) return {};
  if (text === asServer) return { marksSeen: undefined };
  if (text === "yes" || text === "no") return { marksSeen: text === "yes" };
  throw new Refusal("syntax", `markRead is ${text}; it must be yes, no or ${asServer}.`);
}
