import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, fromUtf8 } from "../../base/bytes.ts";
import { parseCommandLine, parseCount, parseMessageNumber, splitArguments } from "./command.ts";

test("a verb ends at a space or at the end, in any letter case (RFC 1939 §3)", () => {
  assert.deepEqual(parseCommandLine(fromUtf8("retr 1")), { verb: "RETR", argument: "1" });
  assert.deepEqual(parseCommandLine(fromUtf8("STAT")), { verb: "STAT", argument: undefined });
  assert.deepEqual(parseCommandLine(fromUtf8("STATS")), { verb: "STATS", argument: undefined });
  assert.deepEqual(parseCommandLine(fromUtf8("")), { verb: "", argument: undefined });
  assert.equal(parseCommandLine(fromUtf8("x".repeat(400))).verb, "?");
});

test("an argument is untouched, in UTF-8 or else Latin-1", () => {
  assert.equal(parseCommandLine(fromUtf8("PASS  a b ")).argument, " a b ");
  assert.equal(parseCommandLine(fromUtf8("PASS š")).argument, "š");
  assert.equal(parseCommandLine(fromLatin1("PASS \xe9")).argument, "é");
});

test("numbers are short and decimal", () => {
  assert.equal(parseMessageNumber("001"), 1);
  assert.equal(parseCount("0"), 0);
  for (const bad of ["", "0x1", "-1", "1.5", "1e3", "9999999999", "١"]) {
    assert.throws(() => parseCount(bad), { reason: "syntax" });
  }
  assert.throws(() => parseMessageNumber("0"), { reason: "syntax" });
  assert.deepEqual(splitArguments("1  2 ", 2), ["1", "2"]);
  assert.throws(() => splitArguments("1 2 3", 2), { reason: "syntax" });
});
