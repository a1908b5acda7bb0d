import { Refusal } from "../base/faults.ts";
import type { AccountId } from "../base/ids.ts";
import type { AccountRow, Secret } from "../store/directory.ts";
import type { Authenticator, Login } from "./accounts.ts";
import { findAddress } from "./address.ts";
import { findDevicePassword } from "./device-password.ts";
import type { DirectoryLookups } from "./directory.ts";
import { findLoginName } from "./login-name.ts";
import type { Passwords } from "./password.ts";
import { findDevices } from "./secret-text.ts";
import type { DeviceSecret } from "./secret-text.ts";

/** An account that was named, and the device that named it or "". */
interface Named {
  readonly account: AccountRow;
  readonly device: string;
}

/**
 * Proof of identity from the directory's secrets. A login name is the account's address in any
 * letter case; where the server has one domain only, its localpart will do. Behind it a device
 * may name itself: `ana@example.org+phone`. A device that has a password of its own is known by
 * it, with and without its name; SCRAM proves without showing the password, so there the name
 * says whose it is. `onDeviceUse` is told of logins with such passwords.
 */
export function createAuthenticator(
  directory: DirectoryLookups,
  passwords: Passwords,
  onDeviceUse: (account: AccountId, device: DeviceSecret) => void = () => undefined,
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
      const { secret, text, device } = whoseIs(named, password);
      // One hash whatever the name and the password are, so that time tells nothing.
      const isRight = await passwords.verify(secret, text);
      if (named === undefined || !isRight) throw loginFailed();
      if (device === undefined) return loginOf(named);
      if (named.device !== "" && named.device !== device.name) throw loginFailed();
      const login = loginOf({ ...named, device: device.name });
      onDeviceUse(login.account, device);
      return login;
    },
    async findScramSecret(name, hash) {
      const named = await find(name);
      const proof = named && (deviceOf(named)?.secret ?? named.account.secret);
      const secret = proof === undefined ? undefined : passwords.findScram(proof, hash);
      return secret ?? passwords.inventScram(name.toLowerCase(), hash);
    },
    async confirmLogin(name) {
      const named = await find(name);
      if (named === undefined) throw loginFailed();
      const login = loginOf(named);
      const device = deviceOf(named);
      if (device !== undefined) onDeviceUse(login.account, device);
      return login;
    },
  };
}

/** What a password is to be held against: a device's secret when it has the form of its password. */
function whoseIs(
  named: Named | undefined,
  password: string,
): { secret: Secret | undefined; text: string; device: DeviceSecret | undefined } {
  const made = findDevicePassword(password);
  const devices = named === undefined ? [] : findDevices(named.account.secret);
  const device = devices.find(({ id }) => id === made?.id);
  if (made === undefined || device === undefined) {
    return { secret: named?.account.secret, text: password, device: undefined };
  }
  return { secret: device.secret, text: made.password, device };
}

/** The device that named itself, if it has a password of its own. */
function deviceOf({ account, device }: Named): DeviceSecret | undefined {
  return device === ""
    ? undefined
    : findDevices(account.secret).find(({ name }) => name === device);
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
