import type { AccountId } from "../../base/ids.ts";
import type { AccountRow, DirectoryReader } from "../directory.ts";
import { compareText } from "../rules/names.ts";
import { asAccountRow } from "../rules/account-rows.ts";
import type { MemoryDisk } from "./memory-disk.ts";

export function createMemoryDirectory(disk: MemoryDisk): DirectoryReader {
  const find = (id: AccountId | undefined): AccountRow | undefined => {
    const account = id === undefined ? undefined : disk.accounts.get(id);
    return account === undefined ? undefined : asAccountRow(account.record);
  };
  return {
    domains: async () => [...disk.domains.values()].sort((a, b) => compareText(a.name, b.name)),
    accounts: async () =>
      Array.from(disk.accounts.values(), (account) => asAccountRow(account.record)).sort((a, b) =>
        compareText(a.address, b.address),
      ),
    aliases: async () =>
      [...disk.aliases.values()].sort((a, b) => compareText(a.address, b.address)),
    findAccount: async (address) => find(disk.addresses.get(address)),
    findAccountById: async (id) => find(id),
    findAlias: async (address) => disk.aliases.get(address),
    revision: async () => disk.counters.directory,
  };
}
