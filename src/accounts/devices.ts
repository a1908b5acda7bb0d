import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { AccountId } from "../base/ids.ts";
import type { Random } from "../base/random.ts";
import type { KeyedStore } from "../store/keyed.ts";
import { createDevicePassword } from "./device-password.ts";
import type { Directory } from "./directory.ts";
import { findDeviceName, formatLoginName } from "./login-name.ts";
import type { Passwords } from "./password.ts";
import { findDevices, withDevices } from "./secret-text.ts";
import type { DeviceSecret } from "./secret-text.ts";

/** A device that has a password of its own. */
export interface Device {
  readonly name: string;
  readonly createdAtMs: number;
  /** Last login with its password, within two years; a crash may lose the last second of it. */
  readonly lastUsedAtMs: number | undefined;
}

/** Devices of accounts, whose passwords can be taken back one by one. */
export interface Devices {
  /** In order of their names. @throws Refusal `noSuchUser`; so do all below. */
  list(address: string): Promise<readonly Device[]>;
  /**
   * Makes a password for a device; it is told this once.
   * @throws Refusal `syntax` for a name that cannot be used, `conflict`, `limit`.
   */
  add(
    address: string,
    name: string,
  ): Promise<{ readonly login: string; readonly password: string }>;
  /** The password logs in no more; sessions that are open go on. @throws Refusal `noSuchUser`. */
  remove(address: string, name: string): Promise<void>;
  /** Keeps when a device logged in last. Never throws. */
  noteUse(account: AccountId, device: DeviceSecret): void;
}

export interface DevicesOptions {
  readonly directory: Pick<Directory, "getAccount" | "changeSecret">;
  readonly passwords: Pick<Passwords, "createSecret">;
  readonly keyed: KeyedStore;
  readonly random: Random;
  readonly clock: Clock;
}

const devicesMax = 50;
const useKeptMs = 2 * 365 * 86_400_000;

export function createDevices(options: DevicesOptions): Devices {
  const { directory, passwords, keyed, random, clock } = options;

  const lastUse = async (account: AccountId, id: string): Promise<number | undefined> => {
    const value = await keyed.get(useKey(account, id), clock.now());
    return value === undefined ? undefined : Number(value);
  };

  return {
    async list(address) {
      const { id: account, secret } = await directory.getAccount(address);
      const devices = await Promise.all(
        findDevices(secret).map(async ({ name, id, createdAtMs }): Promise<Device> => {
          return { name, createdAtMs, lastUsedAtMs: await lastUse(account, id) };
        }),
      );
      return devices.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async add(text, givenName) {
      const name = parseDeviceName(givenName);
      const { address, secret } = await directory.getAccount(text);
      refuseAnother(findDevices(secret), name);
      const made = createDevicePassword(random);
      const own = await passwords.createSecret(made.password);
      await directory.changeSecret(address, async (current) => {
        const devices = findDevices(current);
        refuseAnother(devices, name);
        if (devices.some(({ id }) => id === made.id)) {
          throw new Refusal("conflict", "The password made is like another one: try again.");
        }
        const device = { name, id: made.id, createdAtMs: clock.now(), secret: own };
        return withDevices(current, [...devices, device]);
      });
      return { login: formatLoginName({ address, device: name }), password: made.password };
    },
    async remove(address, givenName) {
      const name = parseDeviceName(givenName);
      await directory.changeSecret(address, async (current) => {
        const devices = findDevices(current);
        const left = devices.filter((device) => device.name !== name);
        if (left.length === devices.length) {
          throw new Refusal("noSuchUser", `${address} has no device ${name}.`);
        }
        return withDevices(current, left);
      });
    },
    noteUse(account, { id }) {
      const nowMs = clock.now();
      const noting = keyed.set(useKey(account, id), String(nowMs), nowMs + useKeptMs);
      // Whoever logs in must not be kept out because a date could not be written.
      noting.catch(() => undefined);
    },
  };
}

/** @throws Refusal `syntax` that says what a name looks like. */
function parseDeviceName(text: string): string {
  const name = findDeviceName(text);
  if (name !== undefined) return name;
  throw new Refusal(
    "syntax",
    `"${text}" is no name for a device: write 1 to 32 letters a-z, digits, dots and dashes.`,
  );
}

function refuseAnother(devices: readonly DeviceSecret[], name: string): void {
  if (devices.some((device) => device.name === name)) {
    throw new Refusal("conflict", `The device ${name} has a password already: remove it first.`);
  }
  if (devices.length >= devicesMax) {
    throw new Refusal("limit", `An account has at most ${devicesMax} devices with a password.`);
  }
}

function useKey(account: AccountId, id: string): string {
  return `device.used/${account}/${id}`;
}
