import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEvents } from "./events.ts";

const code = `log.write("info", "smtp.accepted", { id });
  log.write(
    refusal.reason === "bug" ? "error" : "info",
    "smtp.refused");
  wire.write(text, "not.anEvent");`;
const rows = "| `smtp.accepted` | info | Yes. |\n| `smtp.refused` | info, error | No. |\n";
const check = (catalogue: string) =>
  checkEvents(
    new Map([
      ["src/smtp/a.ts", code],
      ["docs/events.md", catalogue],
    ]),
  );

test("events that are catalogued with their levels are good", () => {
  const { seen, faults } = check(rows);
  assert.deepEqual({ seen, faults }, { seen: 2, faults: [] });
});

test("a missing event, one that nothing logs, and a wrong level are faults", () => {
  assert.deepEqual(
    check("| `smtp.accepted` | warn | Yes. |\n| `smtp.gone` | info | No. |").faults,
    [
      "docs/events.md:1: the level of smtp.accepted is info",
      "src/smtp/a.ts:2: smtp.refused is not in docs/events.md",
      "docs/events.md:2: nothing logs smtp.gone",
    ],
  );
});

test("no code is nothing seen", () => {
  assert.equal(checkEvents(new Map([["docs/events.md", rows]])).seen, 0);
});
