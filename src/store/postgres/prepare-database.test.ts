import assert from "node:assert/strict";
import { test } from "node:test";
import { checkServer } from "./prepare-database.ts";

const fits = { version: "150018", name: "15.18 (Debian 15.18-0+deb12u1)", encoding: "UTF8" };

test("PostgreSQL 15 and later in UTF-8 fits", () => {
  checkServer(fits);
  checkServer({ ...fits, version: "180001" });
});

test("an older server and another encoding are one sentence each", () => {
  const refuses = (row: Record<string, string>, text: RegExp) =>
    assert.throws(() => checkServer({ ...fits, ...row }), { name: "Refusal", text });
  refuses({ version: "140012", name: "14.12" }, /^PostgreSQL 14\.12 is too old: version 15 or/);
  refuses(
    { encoding: "SQL_ASCII" },
    /^The database has the encoding SQL_ASCII: make one with UTF8/,
  );
});
