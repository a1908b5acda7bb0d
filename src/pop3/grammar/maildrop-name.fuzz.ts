import { findLoginName, formatLoginName } from "../../accounts/login-name.ts";
import { assert } from "../../base/assert.ts";
import { fromUtf8, utf8 } from "../../base/bytes.ts";
import { parseMaildropName } from "./maildrop-name.ts";

/**
 * Whatever name somebody gives, nothing of it is lost or made up: its parts joined are the name,
 * and the name of an account and its device, joined, is read as the same two again.
 */
export function fuzz(bytes: Uint8Array): void {
  const text = utf8(bytes);
  const { login, mailbox, isRecent } = parseMaildropName(text);
  const prefixLength = isRecent ? "recent:".length : 0;
  assert(text.startsWith(login, prefixLength), "the login stands at its place");
  const rest = text.slice(prefixLength + login.length);
  const mark = rest.slice(0, "+folder=".length).toLowerCase();
  assert(rest === "" || mark === "+folder=", "what follows the login is a mailbox");
  assert((mailbox ?? "") === rest.slice("+folder=".length), "the mailbox is all that is left");

  const found = findLoginName(login);
  if (found === undefined) return;
  const { account: address, device } = found;
  assert(login.startsWith(address), "the account is the beginning of the login");
  const again = findLoginName(formatLoginName({ address, device }));
  assert(again?.account === address && again.device === device, "it is read again as it was");
}

export const seeds: readonly Uint8Array[] = [
  "ana@example.org",
  "recent:ana@example.org+phone+folder=Lists/a@b+c",
  "ana+folder=x@example.org",
  '"a@b+c"@example.org+x',
  "ana+Phone",
  "+folder=",
].map((seed) => fromUtf8(seed));
