import type { DirectoryReader } from "../directory.ts";
import { asAccountRow } from "../rules/account-rows.ts";
import { accountFrom, aliasFrom, domainFrom } from "./record-rows.ts";
import { numberOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

export function createSqlDirectory(sql: Statements): DirectoryReader {
  return {
    domains: async () => sql.domains.all().map(domainFrom),
    accounts: async () => sql.accounts.all().map((row) => asAccountRow(accountFrom(row))),
    aliases: async () => sql.aliases.all().map(aliasFrom),
    findAccount: async (address) => {
      const row = sql.findAccountByAddress.get(address);
      return row === undefined ? undefined : asAccountRow(accountFrom(row));
    },
    findAccountById: async (id) => {
      const row = sql.findAccount.get(id);
      return row === undefined ? undefined : asAccountRow(accountFrom(row));
    },
    findAlias: async (address) => {
      const row = sql.findAlias.get(address);
      return row === undefined ? undefined : aliasFrom(row);
    },
    revision: async () => {
      const row = sql.counter.get("directory");
      return row === undefined ? 0 : numberOf(row, "value");
    },
  };
}
