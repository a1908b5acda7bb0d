import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromSqlText, toSqlText } from "./sql-text.ts";

test("every text comes back from a form without NUL", () => {
  const unit = fc.constantFrom("\0", "\u{10ffff}", "0", "1", "a", "č");
  const text = fc.array(unit).map((units) => units.join(""));
  fc.assert(
    fc.property(text, (given) => {
      const written = toSqlText(given);
      assert.ok(!written.includes("\0"));
      assert.equal(fromSqlText(written), given);
    }),
  );
});

test("ordinary text is left as it is", () => {
  assert.equal(toSqlText("Čevapčići 🕊"), "Čevapčići 🕊");
});
