import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/faults.ts";
import type { AccountId } from "../base/ids.ts";
import { Semaphore } from "../base/lock.ts";
import type {
  AccountRow,
  AliasRow,
  DirectoryChange,
  DomainRow,
  NewMailbox,
  Secret,
} from "../store/directory.ts";
import type { Store } from "../store/store.ts";
import { parseOwnAddress, parseOwnDomain } from "./address.ts";
import { createDirectoryCache } from "./directory-cache.ts";
import type { Passwords } from "./password.ts";
import { findDevices, withDevices } from "./secret-text.ts";

/** A new account as an administrator gives it. */
export interface NewAccount {
  /** Login name and main address. */
  readonly address: string;
  readonly password: string;
  readonly displayName?: string;
  /** Bytes of mail; 0, the default, is without limit. */
  readonly quotaBytes?: number;
}

/** Reads that are cached and stay true: a change made anywhere empties the cache. */
export interface DirectoryLookups {
  hasDomain(domain: string): Promise<boolean>;
  domains(): Promise<readonly DomainRow[]>;
  /** By main address in canonical form. */
  findAccount(address: string): Promise<AccountRow | undefined>;
  findAccountById(id: AccountId): Promise<AccountRow | undefined>;
  /** By canonical address, or `@domain` for a catch-all. */
  findAlias(address: string): Promise<AliasRow | undefined>;
  /** The oldest account of a domain, or of the whole server when it has none. */
  findFirstAccount(domain: string): Promise<AccountRow | undefined>;
}

/** Domains, accounts and aliases: what the administrator asks for, checked, then written. */
export interface Directory extends DirectoryLookups, Disposable {
  accounts(): Promise<readonly AccountRow[]>;
  aliases(): Promise<readonly AliasRow[]>;
  /** The account of an address. @throws Refusal `noSuchUser`. */
  getAccount(address: string): Promise<AccountRow>;
  /** @throws Refusal `syntax`, `conflict`; so do all below, and `noSuchUser`. */
  addDomain(name: string): Promise<void>;
  /** Only a domain without accounts and aliases. */
  removeDomain(name: string): Promise<void>;
  /** Makes the account with its mailboxes. */
  addAccount(account: NewAccount): Promise<AccountRow>;
  /** Removes the account and all its mail. */
  removeAccount(address: string): Promise<void>;
  /** Devices keep their own passwords. */
  setPassword(address: string, password: string): Promise<void>;
  /** Has `change` make another secret of the present one; one at a time. */
  changeSecret(address: string, change: (secret: Secret) => Promise<Secret>): Promise<void>;
  setQuota(address: string, quotaBytes: number): Promise<void>;
  setDisplayName(address: string, displayName: string): Promise<void>;
  setEnabled(address: string, isEnabled: boolean): Promise<void>;
  /** Targets of our own domains must exist; `@domain` catches all that is not known there. */
  putAlias(address: string, targets: readonly string[]): Promise<void>;
  removeAlias(address: string): Promise<void>;
}

export interface DirectoryOptions {
  readonly clock: Clock;
  readonly passwords: Passwords;
  /** Who changes things, for the change log: "cli", "admin:…". */
  readonly actor: string;
}

/** Mailboxes of a new account (RFC 6154 roles), under the names that clients look for. */
export const defaultMailboxes: readonly NewMailbox[] = [
  { name: "INBOX", role: "inbox" },
  { name: "Sent", role: "sent" },
  { name: "Drafts", role: "drafts" },
  { name: "Trash", role: "trash" },
  { name: "Junk", role: "junk" },
  { name: "Archive", role: "archive" },
];

/** Targets of one alias. */
export const aliasTargetsMax = 100;

export function createDirectory(store: Store, options: DirectoryOptions): Directory {
  const { clock, passwords, actor } = options;
  const cache = createDirectoryCache(store, clock);
  const secretTurn = new Semaphore(1);

  const change = async (one: DirectoryChange): Promise<void> => {
    await store.apply({ actor, atMs: clock.now(), changes: [one] });
    cache.clear();
  };
  const getAccount = async (text: string): Promise<AccountRow> => {
    const { text: address } = parseOwnAddress(text);
    const account = await store.directory.findAccount(address);
    if (account !== undefined) return account;
    throw new Refusal("noSuchUser", `There is no account ${address}.`);
  };
  const needDomain = async (domain: string): Promise<void> => {
    if (await cache.hasDomain(domain)) return;
    throw new Refusal("noSuchUser", `The domain ${domain} is not ours: add it first.`);
  };
  const needTarget = async (text: string): Promise<string> => {
    const address = parseOwnAddress(text);
    if (!(await cache.hasDomain(address.domain))) return address.text;
    const isKnown =
      (await cache.findAccount(address.text)) !== undefined ||
      (await cache.findAlias(address.text)) !== undefined;
    if (isKnown) return address.text;
    throw new Refusal("noSuchUser", `There is no account or alias ${address.text}.`);
  };
  type Update = Omit<
    Extract<DirectoryChange, { kind: "directory.accountUpdate" }>,
    "kind" | "account"
  >;
  const update = async (address: string, fields: Update): Promise<void> => {
    const { id } = await getAccount(address);
    await change({ kind: "directory.accountUpdate", account: id, ...fields });
  };
  const changeSecret: Directory["changeSecret"] = async (address, makeNew) => {
    using _turn = await secretTurn.acquire();
    const { id: account, secret } = await getAccount(address);
    const kind = "directory.accountUpdate";
    await change({ kind, account, secret: await makeNew(secret) });
  };

  return {
    ...cache,
    accounts: () => store.directory.accounts(),
    aliases: () => store.directory.aliases(),
    getAccount,
    addDomain: (name) => change({ kind: "directory.domainAdd", name: parseOwnDomain(name) }),
    removeDomain: (name) => change({ kind: "directory.domainRemove", name: parseOwnDomain(name) }),
    async addAccount({ address: text, password, displayName = "", quotaBytes = 0 }) {
      const address = parseOwnAddress(text);
      refuseBadQuota(quotaBytes);
      await needDomain(address.domain);
      if ((await store.directory.findAccount(address.text)) !== undefined) {
        throw new Refusal("conflict", `The account ${address.text} exists already.`);
      }
      const secret = await passwords.createSecret(password);
      await change({
        kind: "directory.accountAdd",
        address: address.text,
        displayName,
        secret,
        quotaBytes,
        mailboxes: defaultMailboxes,
      });
      return getAccount(address.text);
    },
    async removeAccount(address) {
      await change({ kind: "directory.accountRemove", account: (await getAccount(address)).id });
    },
    async setPassword(address, password) {
      await getAccount(address);
      const fresh = await passwords.createSecret(password);
      await changeSecret(address, async (secret) => withDevices(fresh, findDevices(secret)));
    },
    changeSecret,
    async setQuota(address, quotaBytes) {
      refuseBadQuota(quotaBytes);
      await update(address, { quotaBytes });
    },
    setDisplayName: (address, displayName) => update(address, { displayName }),
    setEnabled: (address, isEnabled) => update(address, { isEnabled }),
    async putAlias(text, targets) {
      const { address, domain } = parseAliasAddress(text);
      await needDomain(domain);
      if (targets.length === 0 || targets.length > aliasTargetsMax) {
        throw new Refusal("limit", `Give an alias 1 to ${aliasTargetsMax} targets.`);
      }
      const known = new Set<string>();
      for (const target of targets) known.add(await needTarget(target));
      await change({ kind: "directory.aliasPut", address, targets: [...known] });
    },
    async removeAlias(text) {
      await change({ kind: "directory.aliasRemove", address: parseAliasAddress(text).address });
    },
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  };
}

/** An address, or `@domain` for a catch-all. */
function parseAliasAddress(text: string): { address: string; domain: string } {
  if (!text.trim().startsWith("@")) {
    const { text: address, domain } = parseOwnAddress(text);
    return { address, domain };
  }
  const domain = parseOwnDomain(text.trim().slice(1));
  return { address: `@${domain}`, domain };
}

function refuseBadQuota(quotaBytes: number): void {
  if (Number.isSafeInteger(quotaBytes) && quotaBytes >= 0) return;
  throw new Refusal("syntax", "The quota is not a whole number of bytes (0 is without limit).");
}
