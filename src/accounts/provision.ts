import type { Directory } from "./directory.ts";
import type { Passwords } from "./password.ts";
import { parseOwnAddress, parseOwnDomain } from "./address.ts";

/** What must exist when the server starts. */
export interface Wanted {
  readonly domains: readonly string[];
  readonly accounts: readonly { readonly address: string; readonly password: string }[];
  /** Of the accounts that are made, bytes; 0 is without limit. */
  readonly quotaBytes: number;
}

/** What had to be made or changed for it, as canonical names. */
export interface Provisioned {
  readonly domainsAdded: readonly string[];
  readonly accountsAdded: readonly string[];
  readonly passwordsChanged: readonly string[];
}

/**
 * Makes the domains and accounts that are missing, the accounts' domains included, and gives
 * existing accounts the password asked for. Doing it again changes nothing.
 * @throws Refusal `syntax` for a name or password that cannot be used.
 */
export async function provision(
  directory: Directory,
  passwords: Passwords,
  wanted: Wanted,
): Promise<Provisioned> {
  const domainsAdded: string[] = [];
  const accountsAdded: string[] = [];
  const passwordsChanged: string[] = [];
  const accounts = wanted.accounts.map(({ address, password }) => {
    return { address: parseOwnAddress(address), password };
  });
  const domains = new Set([
    ...wanted.domains.map(parseOwnDomain),
    ...accounts.map(({ address }) => address.domain),
  ]);
  for (const domain of domains) {
    if (await directory.hasDomain(domain)) continue;
    await directory.addDomain(domain);
    domainsAdded.push(domain);
  }
  for (const { address, password } of accounts) {
    const existing = await directory.findAccount(address.text);
    if (existing === undefined) {
      await directory.addAccount({
        address: address.text,
        password,
        quotaBytes: wanted.quotaBytes,
      });
      accountsAdded.push(address.text);
    } else if (!(await passwords.verify(existing.secret, password))) {
      await directory.setPassword(address.text, password);
      passwordsChanged.push(address.text);
    }
  }
  return { domainsAdded, accountsAdded, passwordsChanged };
}
