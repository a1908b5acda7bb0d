import { Connection } from "./connection.ts";
import { numberOf } from "./rows.ts";
import { statement } from "./statement.ts";

/** Databases of their own for tests, on the server that the environment names. */
export interface TestDatabases {
  /** An empty database. */
  make(): Promise<string>;
  remove(url: string): Promise<void>;
  /** Runs SQL on a database that was made. */
  run(url: string, sql: string): Promise<void>;
  /** Connections of others to it. */
  countConnections(url: string): Promise<number>;
}

const others = statement(
  "others",
  `SELECT count(*) AS count FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
);

let lastNumber = 0;

/** @throws Error when GOLUB_POSTGRES does not name a server: `npm run postgres` does. */
export function testDatabases(): TestDatabases {
  const base = process.env["GOLUB_POSTGRES"];
  if (base === undefined) throw new Error("GOLUB_POSTGRES names no server: npm run postgres");
  const run = async (url: string, sql: string) => {
    const connection = await Connection.open({ url, name: "golub test" });
    try {
      await connection.run(sql);
    } finally {
      await connection.close();
    }
  };
  return {
    make: async () => {
      const name = `golub_test_${process.pid}_${++lastNumber}`;
      await run(base, `CREATE DATABASE ${name}`);
      const url = new URL(base);
      url.pathname = name;
      return url.href;
    },
    remove: (url) =>
      run(base, `DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`),
    run,
    countConnections: async (url) => {
      const connection = await Connection.open({ url, name: "golub test" });
      try {
        return numberOf((await connection.query(others))[0], "count");
      } finally {
        await connection.close();
      }
    },
  };
}
