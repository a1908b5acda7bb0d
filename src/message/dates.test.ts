import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDate, parseDate } from "./dates.ts";

const utc = (...parts: Parameters<typeof Date.UTC>) => Date.UTC(...parts);

const cases: readonly (readonly [string, number, number])[] = [
  ["Mon, 23 Nov 2026 08:01:10 +0100", utc(2026, 10, 23, 7, 1, 10), 60],
  ["23 Nov 2026 08:01 -0330 (a (comment))", utc(2026, 10, 23, 11, 31), -210],
  ["Mon,23 Nov 2026 08:01:10 GMT", utc(2026, 10, 23, 8, 1, 10), 0],
  ["1 Jan 69 00:00:00 EST", utc(1969, 0, 1, 5), -300],
  ["1 Jan 49 00:00:00 PDT", utc(2049, 0, 1, 7), -420],
  ["1 Jan 126 00:00:00 Z", utc(2026, 0, 1), 0],
  ["1 Jan 2026 00:00:00 K", utc(2026, 0, 1), 0],
  ["1 Jan 2026 00:00:00 -0000", utc(2026, 0, 1), 0],
  ["1 Jan 2026 00:00:00", utc(2026, 0, 1), 0],
  ["29 Feb 2024 23:59:60 +0000", utc(2024, 1, 29, 23, 59, 59), 0],
  ["Mon,  2\tFeb\r\n 2026  1:02:03 +0000", utc(2026, 1, 2, 1, 2, 3), 0],
  ["Mon Nov 23 07:24:52 2026", utc(2026, 10, 23, 7, 24, 52), 0],
  ["Mon Nov 23 07:24:52 CET 2026", utc(2026, 10, 23, 6, 24, 52), 60],
  ["Monday, 23-Nov-26 07:24:52 UTC", utc(2026, 10, 23, 7, 24, 52), 0],
  ["23 November 2026 07.24.52 +1:00", utc(2026, 10, 23, 6, 24, 52), 60],
];

for (const [text, ms, zoneMinutes] of cases) {
  test(`RFC 5322 §3.3, §4.3: date ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseDate(text), { ms, zoneMinutes });
  });
}

test("what is no date has none", () => {
  const texts = [
    "",
    "yesterday",
    "31 Feb 2026 00:00 +0000",
    "1 Foo 2026 00:00",
    "1 Jan 2026 24:00",
  ];
  for (const text of [...texts, "0 Jan 2026 00:00", "1 Jan 1800 00:00", "1 Jan 2026 00:00 +9999"]) {
    assert.equal(parseDate(text), undefined, text);
  }
  assert.equal(parseDate(`${" ".repeat(100_000)}1 Jan 2026 00:00`), undefined);
});

test("a formatted date reads back, in any zone", () => {
  const seconds = fc.integer({ min: utc(1900, 0, 2) / 1000, max: utc(9999, 11, 30) / 1000 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: -1439, max: 1439 }), (second, zoneMinutes) => {
      const text = formatDate(second * 1000, zoneMinutes);
      assert.deepEqual(parseDate(text), { ms: second * 1000, zoneMinutes });
      assert.match(text, /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/);
    }),
  );
});
