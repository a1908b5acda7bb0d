import type { Authenticator, Login } from "../../accounts/accounts.ts";
import { INBOX } from "../../mailbox/names.ts";
import type { SaslAuthority } from "../../protocol/sasl.ts";
import { parseMaildropName } from "../grammar/maildrop-name.ts";

/** Who logged in, and what of the account's mail it is to be offered. */
export interface MaildropLogin extends Login {
  readonly mailbox: string;
  readonly isRecent: boolean;
}

/** Reads what POP3 alone has in login names, and has the rest proved by the authenticator. */
export function maildropAuthority(authenticator: Authenticator): SaslAuthority<MaildropLogin> {
  const withMaildrop = async (
    name: string,
    prove: (login: string) => Promise<Login>,
  ): Promise<MaildropLogin> => {
    const { login, mailbox = INBOX, isRecent } = parseMaildropName(name);
    return { ...(await prove(login)), mailbox, isRecent };
  };
  return {
    checkPassword: (name, password) =>
      withMaildrop(name, (login) => authenticator.checkPassword(login, password)),
    findScramSecret: (name, hash) =>
      authenticator.findScramSecret(parseMaildropName(name).login, hash),
    confirmLogin: (name) => withMaildrop(name, (login) => authenticator.confirmLogin(login)),
  };
}
