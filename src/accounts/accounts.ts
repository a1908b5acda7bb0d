import type { AccountId } from "../base/ids.ts";
import type { AccountRow } from "../store/directory.ts";

/** Who has logged in: the account, and the device or application that did it. */
export interface Login {
  readonly account: AccountId;
  readonly address: string;
  /** Name of the device that logged in, as far as it said so (`login-name.ts`); else "". */
  readonly device: string;
}

/** What SCRAM (RFC 5802 §3) needs of an account. */
export interface ScramSecret {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export type ScramHash = "SHA-1" | "SHA-256";

/** Proof of identity, for all doors. Answers take as long for unknown names as for known ones. */
export interface Authenticator {
  /** @throws Refusal `loginFailed`, `accountDisabled`, `unavailable` (too many hashes waiting). */
  checkPassword(name: string, password: string): Promise<Login>;
  /** Secret for a SCRAM exchange; for unknown names a stable invented one that never proves. */
  findScramSecret(name: string, hash: ScramHash): Promise<ScramSecret>;
  /** The login for a name whose SCRAM proof was right. @throws Refusal as `checkPassword`. */
  confirmLogin(name: string): Promise<Login>;
}

/** Where an address leads, after aliases, catch-all and subaddresses (RFC 5233). */
export type Destination =
  | {
      readonly kind: "account";
      readonly account: AccountRow;
      /** Part behind the separator of the localpart, or "". */
      readonly detail: string;
    }
  /** An address elsewhere, from an alias or asked for by a sender who may relay. */
  | { readonly kind: "remote"; readonly address: string; readonly domain: string };

export type RecipientAnswer =
  | { readonly kind: "destinations"; readonly destinations: readonly Destination[] }
  /** The domain is not ours. */
  | { readonly kind: "notLocal"; readonly domain: string }
  | { readonly kind: "unknown" };

/** Addresses and where they lead. */
export interface Recipients {
  /** Expands an address; an alias loop or more than 100 targets is refused (`limit`). */
  resolve(address: string): Promise<RecipientAnswer>;
  isLocalDomain(domain: string): Promise<boolean>;
  /** Whether the account may write as this address: its own, its subaddresses, its aliases. */
  maySendAs(account: AccountId, address: string): Promise<boolean>;
}
