// The second engine of the store against a real PostgreSQL:
//
//   npm run postgres                all *.check.ts of the engine, on a private PostgreSQL
//   npm run postgres -- contract    only files whose path contains one of the words
//   npm run postgres -- --verbose   names each test
//
// GOLUB_POSTGRES=postgres://... uses that server instead, with a user that may make databases.
// The last line is `N passed, N failed`.
import { parseArgs } from "node:util";
import { formatCounts } from "../counts.ts";
import { listFiles, root } from "../tree.ts";
import { startPrivatePostgres } from "./private-postgres.ts";
import { runTests } from "./run-tests.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: "boolean", default: false } },
});
process.chdir(root);
const isAskedFor = (path: string) =>
  positionals.length === 0 || positionals.some((word) => path.includes(word));
const files = listFiles().filter(
  (path) => path.startsWith("src/store/postgres/") && path.endsWith(".check.ts"),
);
const server =
  process.env["GOLUB_POSTGRES"] === undefined
    ? startPrivatePostgres({ isDurable: false })
    : undefined;
if (server !== undefined) process.env["GOLUB_POSTGRES"] = server.url;
process.on("exit", () => server?.remove());
const counts = await runTests(files.filter(isAskedFor), values.verbose);
console.log(`\n${formatCounts(counts)}`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
