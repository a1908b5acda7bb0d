import type { DirectoryReader } from "../directory.ts";
import { asAccountRow } from "../rules/account-rows.ts";
import { accountFrom, aliasFrom, domainFrom } from "./record-rows.ts";
import { numberOf } from "./rows.ts";
import type { Statements } from "./statements.ts";
import type { Unflushed } from "./unflushed.ts";

export function createSqlDirectory(sql: Statements, unflushed: Unflushed): DirectoryReader {
  return {
    domains: async () => {
      await unflushed.directory();
      return sql.domains.all().map(domainFrom);
    },
    accounts: async () => {
      await unflushed.directory();
      return sql.accounts.all().map((row) => asAccountRow(accountFrom(row)));
    },
    aliases: async () => {
      await unflushed.directory();
      return sql.aliases.all().map(aliasFrom);
    },
    findAccount: async (address) => {
      await unflushed.directory();
      const row = sql.findAccountByAddress.get(address);
      return row === undefined ? undefined : asAccountRow(accountFrom(row));
    },
    findAccountById: async (id) => {
      await unflushed.directory();
      const row = sql.findAccount.get(id);
      return row === undefined ? undefined : asAccountRow(accountFrom(row));
    },
    findAlias: async (address) => {
      await unflushed.directory();
      const row = sql.findAlias.get(address);
      return row === undefined ? undefined : aliasFrom(row);
    },
    revision: async () => {
      await unflushed.directory();
      const row = sql.counter.get("directory");
      return row === undefined ? 0 : numberOf(row, "value");
    },
  };
}
