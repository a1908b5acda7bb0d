import { Refusal } from "../base/faults.ts";
import type { AccountRow } from "../store/directory.ts";
import type { Authenticator, Login } from "./accounts.ts";
import { findAddress } from "./address.ts";
import type { DirectoryLookups } from "./directory.ts";
import type { Passwords } from "./password.ts";

/**
 * Proof of identity from the directory's secrets. A login name is the account's address in any
 * letter case; where the server has one domain only, its localpart will do.
 */
export function createAuthenticator(
  directory: DirectoryLookups,
  passwords: Passwords,
): Authenticator {
  const find = async (name: string): Promise<AccountRow | undefined> => {
    const address = findAddress(name.includes("@") ? name : await withOnlyDomain(name));
    return address === undefined ? undefined : directory.findAccount(address.text);
  };
  const withOnlyDomain = async (name: string): Promise<string> => {
    const [only, ...others] = await directory.domains();
    return only === undefined || others.length > 0 ? name : `${name}@${only.name}`;
  };

  return {
    async checkPassword(name, password) {
      const account = await find(name);
      const isRight = await passwords.verify(account?.secret, password);
      if (account === undefined || !isRight) throw loginFailed();
      return loginOf(account);
    },
    async findScramSecret(name, hash) {
      const account = await find(name);
      const secret = account === undefined ? undefined : passwords.findScram(account.secret, hash);
      return secret ?? passwords.inventScram(name.toLowerCase(), hash);
    },
    async confirmLogin(name) {
      const account = await find(name);
      if (account === undefined) throw loginFailed();
      return loginOf(account);
    },
  };
}

/** Only whoever knows the password learns that the account is disabled. */
function loginOf(account: AccountRow): Login {
  if (!account.isEnabled) {
    throw new Refusal("accountDisabled", "This account is disabled; ask your administrator.");
  }
  return { account: account.id, address: account.address, device: "" };
}

function loginFailed(): Refusal {
  return new Refusal("loginFailed", "Wrong name or password.");
}
