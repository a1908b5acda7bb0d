import { Refusal } from "../base/faults.ts";
import type { AccountRow } from "../store/directory.ts";
import type { Authenticator, Login } from "./accounts.ts";
import { findAddress } from "./address.ts";
import type { DirectoryLookups } from "./directory.ts";
import { findLoginName } from "./login-name.ts";
import type { Passwords } from "./password.ts";

/** An account that was named, and the device that named it or "". */
interface Named {
  readonly account: AccountRow;
  readonly device: string;
}

/**
 * Proof of identity from the directory's secrets. A login name is the account's address in any
 * letter case; where the server has one domain only, its localpart will do. Behind it a device
 * may name itself: `ana@example.org+phone`.
 */
export function createAuthenticator(
  directory: DirectoryLookups,
  passwords: Passwords,
): Authenticator {
  const find = async (name: string): Promise<Named | undefined> => {
    const exact = await findExactly(name);
    if (exact !== undefined) return { account: exact, device: "" };
    const { account: text, device } = findLoginName(name) ?? { account: "", device: "" };
    const account = device === "" ? undefined : await findExactly(text);
    return account && { account, device };
  };
  const findExactly = async (name: string): Promise<AccountRow | undefined> => {
    const address = findAddress(name.includes("@") ? name : await withOnlyDomain(name));
    return address === undefined ? undefined : directory.findAccount(address.text);
  };
  const withOnlyDomain = async (name: string): Promise<string> => {
    const [only, ...others] = await directory.domains();
    return only === undefined || others.length > 0 ? name : `${name}@${only.name}`;
  };

  return {
    async checkPassword(name, password) {
      const named = await find(name);
      const isRight = await passwords.verify(named?.account.secret, password);
      if (named === undefined || !isRight) throw loginFailed();
      return loginOf(named);
    },
    async findScramSecret(name, hash) {
      const named = await find(name);
      const secret = named && passwords.findScram(named.account.secret, hash);
      return secret ?? passwords.inventScram(name.toLowerCase(), hash);
    },
    async confirmLogin(name) {
      const named = await find(name);
      if (named === undefined) throw loginFailed();
      return loginOf(named);
    },
  };
}

/** Only whoever knows the password learns that the account is disabled. */
function loginOf({ account, device }: Named): Login {
  if (!account.isEnabled) {
    throw new Refusal("accountDisabled", "This account is disabled; ask your administrator.");
  }
  return { account: account.id, address: account.address, device };
}

function loginFailed(): Refusal {
  return new Refusal("loginFailed", "Wrong name or password.");
}
