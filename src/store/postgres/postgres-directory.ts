import type { DirectoryReader } from "../directory.ts";
import { asAccountRow } from "../rules/account-rows.ts";
import type { Parameter } from "./connection.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { accountFrom, aliasFrom, domainFrom } from "./record-rows.ts";
import { type Row, numberOf } from "./rows.ts";
import { type Statement, statement } from "./statement.ts";

const sql = {
  domains: statement("domains", "SELECT * FROM domain ORDER BY name"),
  accounts: statement("accounts", "SELECT * FROM account ORDER BY address"),
  aliases: statement("aliases", "SELECT * FROM alias ORDER BY address"),
  byAddress: statement("accountByAddress", "SELECT * FROM account WHERE address = $1"),
  byId: statement("account", "SELECT * FROM account WHERE id = $1"),
  alias: statement("alias", "SELECT * FROM alias WHERE address = $1"),
  revision: statement("revision", "SELECT value FROM counter WHERE name = 'directory'"),
} as const;

export function createPostgresDirectory(pool: ReaderPool): DirectoryReader {
  const list = async <Item>(query: Statement, from: (row: Row) => Item) =>
    (await pool.query(query)).map(from);
  const find = async <Item>(query: Statement, key: Parameter, from: (row: Row) => Item) => {
    const [row] = await pool.query(query, [key]);
    return row === undefined ? undefined : from(row);
  };
  const accountRow = (row: Row) => asAccountRow(accountFrom(row));
  return {
    domains: () => list(sql.domains, domainFrom),
    accounts: () => list(sql.accounts, accountRow),
    aliases: () => list(sql.aliases, aliasFrom),
    findAccount: (address) => find(sql.byAddress, address, accountRow),
    findAccountById: (id) => find(sql.byId, id, accountRow),
    findAlias: (address) => find(sql.alias, address, aliasFrom),
    revision: async () => numberOf((await pool.query(sql.revision))[0], "value"),
  };
}
