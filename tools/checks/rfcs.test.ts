import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRfcs } from "./rfcs.ts";

const header = "number\ttitle\tsupport\troom\tmissing\n";
function check(rows: string, files: Readonly<Record<string, string>> = {}) {
  return checkRfcs(new Map(Object.entries({ "docs/rfcs.tsv": header + rows, ...files })));
}
const code = { "src/pop3/server.ts": "// RFC 1939 §5" };
const tests = { "src/pop3/server.test.ts": "// RFC 1939 §5" };
const row = "1939\tPost Office Protocol\tyes\tpop3\n";

test("yes stands when code and a test of the room cite a section", () => {
  assert.deepEqual(check(row, { ...code, ...tests }).faults, []);
});

test("yes is refused without a test, without code, and when another room does the citing", () => {
  assert.match(check(row, code).faults.join(), /yes needs a citation/);
  assert.match(check(row, tests).faults.join(), /yes needs a citation/);
  const elsewhere = { "src/imap/a.ts": "RFC 1939 §5", "src/imap/a.test.ts": "RFC 1939 §5" };
  assert.match(check(row, elsewhere).faults.join(), /yes needs a citation/);
});

test("a dialogue is a test, and one citation may name several RFCs", () => {
  const several = { "src/pop3/server.ts": "// RFC 2449 §6, 1939 §5 and 3206 §4" };
  const dialogue = { "src/pop3/dialogues/stat.txt": "# RFC 1939 §5" };
  const { faults } = check(row, { ...several, ...dialogue });
  assert.equal(faults.length, 2, "only that 2449 and 3206 are not in the register");
});

test("partial says what is missing, and nothing else does", () => {
  const partial = row.replace("yes", "partial");
  assert.match(check(partial, code).faults.join(), /says what is missing/);
  assert.deepEqual(check(partial.replace("\n", "\tAPOP\n"), code).faults, []);
  assert.match(
    check(row.replace("\n", "\tAPOP\n"), { ...code, ...tests }).faults.join(),
    /when it is partial/,
  );
});

test("an RFC that code cites must stand in the register", () => {
  assert.match(
    check(row.replace("yes", "no"), { "src/a/b.ts": "RFC 9999 §1" }).faults.join(),
    /9999/,
  );
});

test("rows are sorted, single and complete, and an empty register is nothing seen", () => {
  assert.match(check("2\tB\tno\tx\n1\tA\tno\tx\n").faults.join(), /sort by number/);
  assert.match(check("1\tA\tsoon\tx\n").faults.join(), /support is/);
  assert.equal(checkRfcs(new Map()).seen, 0);
});
