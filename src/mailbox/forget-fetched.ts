import { uid } from "../base/ids.ts";
import type { AccountMail } from "./account-mail.ts";
import { fetchedKeyword } from "./fetched-keyword.ts";

/** Has a device be offered all messages again: what it fetched is forgotten in every mailbox. */
export async function forgetFetched(mail: AccountMail, device: string): Promise<void> {
  const flags = { system: 0, keywords: [fetchedKeyword(device)] };
  for (const { id } of await mail.mailboxes()) {
    await mail.setFlags(id, [[uid(1), uid(4_294_967_295)]], "remove", flags);
  }
}
