import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../../base/faults.ts";
import { astringChar, atomChar, listChar, tagChar } from "./classes.ts";
import { CommandReader, findTag } from "./command-reader.ts";
import { formatDateTime, parseDate, parseDateTime } from "./dates.ts";
import { parseFetch } from "./fetch-attributes.ts";
import { formatFlags, parseFlagList } from "./flags.ts";
import { decodeModifiedUtf7, encodeModifiedUtf7 } from "./mailbox-name.ts";
import { Scanner } from "./scanner.ts";
import { formatNumbers, formatRanges, parseSequenceSet } from "./sequence-set.ts";
import { formatAstring, formatString } from "./strings.ts";

/** RFC 9051 §9: the printable characters that are in no atom. */
const specials = '(){ %*"\\';

test("character classes are those of RFC 9051 §9, byte for byte", () => {
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    const isAstring = byte > 0x20 && byte < 0x7f && !specials.includes(char);
    assert.equal(astringChar[byte] === 1, isAstring, `astring ${byte}`);
    assert.equal(atomChar[byte] === 1, isAstring && char !== "]", `atom ${byte}`);
    assert.equal(tagChar[byte] === 1, isAstring && char !== "+", `tag ${byte}`);
    assert.equal(listChar[byte] === 1, isAstring || char === "%" || char === "*", `list ${byte}`);
  }
});

test("any string is read back as it was written, quoted or as a literal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ min: 1, maxLength: 60 }), fc.boolean(), (bytes, isAstring) => {
      const octets = Buffer.from(bytes).toString("latin1");
      const written = isAstring ? formatAstring(octets, false) : formatString(octets);
      const reader = new CommandReader();
      const [first = "", ...rest] = written.split("\r\n");
      const header = reader.line(first);
      if (header !== undefined) {
        const body = Buffer.from(rest.join("\r\n"), "latin1");
        assert.equal(header.sizeBytes, body.length);
        reader.literal({ parts: [body], sizeBytes: body.length, isBinary: header.isBinary });
        assert.equal(reader.line(""), undefined);
      }
      const { text: line, literals } = reader.command;
      assert.equal(new Scanner(line, literals).astring("a string"), octets);
    }),
  );
});

test("modified UTF-7 is read back as it was written (RFC 3501 §5.1.3)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), (name) => {
      const encoded = encodeModifiedUtf7(name);
      assert.match(encoded, /^[\x20-\x7e]*$/);
      assert.equal(decodeModifiedUtf7(encoded), name);
    }),
  );
  assert.equal(encodeModifiedUtf7("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
  for (const bad of ["&", "&A-", "&AGE-", "&2AA-", "a&b", "&====-"]) {
    assert.throws(() => decodeModifiedUtf7(bad), Refusal, bad);
  }
});

test("sequence sets are read back as they were written", () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 4294967295 }), fc.nat(1000));
  fc.assert(
    fc.property(fc.array(range, { minLength: 1 }), (pairs) => {
      const ranges = pairs.map(
        ([first, more]) => [first, Math.min(4294967295, first + more)] as const,
      );
      const set = parseSequenceSet(new Scanner(formatRanges(ranges)));
      assert.deepEqual(set, { kind: "ranges", ranges });
    }),
  );
  assert.deepEqual(parseSequenceSet(new Scanner("7:2,*:9,*")), {
    kind: "ranges",
    ranges: [
      [2, 7],
      [9, Infinity],
      [Infinity, Infinity],
    ],
  });
  assert.equal(formatNumbers([1, 2, 3, 9, 11, 12, 5]), "1:3,9,11:12,5");
  for (const bad of ["", "0", "01", "4294967296", "1:", ":1", "1,,2", "-1", "1:2:3x"]) {
    const scanner = new Scanner(bad);
    assert.throws(
      () => {
        parseSequenceSet(scanner);
        scanner.end();
      },
      Refusal,
      bad,
    );
  }
});

test("dates are read back as they were written, and impossible ones refused", () => {
  const ms = fc.integer({ min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 11, 31) / 1 });
  fc.assert(
    fc.property(ms, (at) => {
      const seconds = Math.floor(at / 1000) * 1000;
      assert.equal(parseDateTime(new Scanner(formatDateTime(seconds))), seconds);
    }),
  );
  assert.equal(parseDate(new Scanner("29-feb-2024")), Date.UTC(2024, 1, 29));
  assert.equal(
    parseDateTime(new Scanner('" 1-Feb-2026 00:00:00 -0330"')),
    Date.UTC(2026, 1, 1, 3, 30),
  );
  for (const bad of ["29-Feb-2023", "31-Apr-2026", "0-Jan-2026", "1-Foo-2026", '"1-Jan-2026']) {
    assert.throws(() => parseDate(new Scanner(bad)), Refusal, bad);
  }
});

test("flags keep their first spelling, once in any letter case", () => {
  const flags = parseFlagList(new Scanner("(\\sEEN $Work $WORK a)"));
  assert.deepEqual(flags, { system: 1, keywords: ["$Work", "a"] });
  assert.equal(formatFlags(flags), "\\Seen $Work a");
});

test("FETCH items are understood in all their forms", () => {
  const labels = (text: string) =>
    parseFetch(new Scanner(text)).items.map((item) =>
      item.kind === "simple" ? item.name : item.label,
    );
  assert.deepEqual(labels("1 fast"), ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]);
  assert.deepEqual(labels("1 BODY"), ["BODY"]);
  assert.deepEqual(labels("1 (body[] BODY.peek[text]<5.6> rfc822.header)"), [
    "BODY[]",
    "BODY[TEXT]<5>",
    "RFC822.HEADER",
  ]);
  assert.deepEqual(labels('1 BODY[1.2.HEADER.FIELDS.NOT (A "b c")]'), [
    'BODY[1.2.HEADER.FIELDS.NOT (A "b c")]',
  ]);
  for (const bad of [
    "1 ()",
    "1 BODY[",
    "1 BODY[1.]",
    "1 BODY[0]",
    "1 BODY[]<1>",
    "1 BODY[]<1.0>",
  ]) {
    assert.throws(() => parseFetch(new Scanner(bad)), Refusal, bad);
  }
});

test("a literal's header counts only outside quotes", () => {
  assert.deepEqual(new CommandReader().line('a LOGIN "x\\"" ~{12+}'), {
    sizeBytes: 12,
    isBinary: true,
    isSynchronizing: false,
  });
  assert.equal(new CommandReader().line('a LOGIN "x {12}'), undefined);
  assert.equal(new CommandReader().line("a LOGIN {12} "), undefined);
  assert.throws(() => new CommandReader().line("a \0"), Refusal);
  assert.equal(findTag("a+b x"), "a");
});
