import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, fromUtf8 } from "../base/bytes.ts";
import { decodeCharset, isKnownCharset } from "./charset.ts";
import { upperHalves } from "./charsets/single-byte.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("UTF-8 and ASCII, with a byte order mark or without", () => {
  assert.equal(decodeCharset(fromUtf8("šđ"), "utf-8"), "šđ");
  assert.equal(decodeCharset(fromUtf8("\ufeffš"), "UTF8"), "š");
  assert.equal(decodeCharset(fromUtf8("abc"), "us-ascii"), "abc");
  assert.equal(decodeCharset(bytes(0xc5), "utf-8"), "\ufffd");
});

test("an absent or unknown charset is guessed: UTF-8, else Windows-1252", () => {
  for (const charset of [undefined, "us-ascii", "x-klingon", "", "unknown-8bit"]) {
    assert.equal(decodeCharset(fromUtf8("š"), charset), "š");
    assert.equal(decodeCharset(bytes(0x8a, 0xe8), charset), "Šè");
  }
});

test("charsets that TextDecoder lacks", () => {
  assert.equal(decodeCharset(bytes(0xe7, 0xa7, 0xd0, 0xac, 0x86, 0x9f), "IBM852"), "šžđČćč");
  assert.equal(decodeCharset(bytes(0x9b, 0xd5, 0xe1), "cp850"), "øıß");
  assert.equal(decodeCharset(bytes(0xd5), "cp858"), "€");
  assert.equal(decodeCharset(bytes(0x81, 0xe1, 0x9b), "437"), "üß¢");
  assert.equal(decodeCharset(bytes(0x81, 0x80, 0x91), "cp855"), "ЂђЉ");
  assert.equal(decodeCharset(bytes(0x88, 0xb8, 0xfc), "x-mac-ce"), "ąłŁ");
  assert.equal(decodeCharset(bytes(0x02, 0xf0, 0xaa), "VISCII"), "Ẳđế");
  assert.equal(decodeCharset(fromLatin1("+AWE-, +- a+AH4"), "utf-7"), "š, + a~");
  assert.equal(decodeCharset(fromLatin1("~{VPND~} ~~ a~\n~{VP\nb"), "hz-gb-2312"), "中文 ~ a中\nb");
  assert.equal(decodeCharset(fromLatin1("\x1b$)C\x0e>H3g\x0f hi"), "iso-2022-kr"), "안녕 hi");
});

test("each table of the single-byte charsets has 128 different characters", () => {
  assert.equal(upperHalves.size, 7);
  for (const [name, upper] of upperHalves) {
    assert.equal(new Set(upper).size, 128, name);
    assert.equal(upper.length, 128, name);
  }
});

test("hostile UTF-7 gives well-formed text", () => {
  assert.equal(decodeCharset(fromLatin1("+2AA-x"), "utf-7"), "\ufffdx");
  assert.equal(decodeCharset(fromLatin1("+"), "utf-7"), "");
  assert.equal(decodeCharset(fromLatin1("\xff+/"), "utf-7"), "\ufffd");
});

test("the commonest charsets are known however people write them", () => {
  for (const name of ["ISO8859-2", "iso8859_2", "ISO_8859-2", "iso-8859-02", "x-iso-8859-2"]) {
    assert.equal(decodeCharset(bytes(0xb9), name), "š", name);
  }
  for (const name of ["cp1250", "CP-1250", "WIN-1250", "win1250", "windows_1250", "x-cp1250"]) {
    assert.equal(decodeCharset(bytes(0x9a), name), "š", name);
  }
});

test("names are known in any case, and the ones that mail uses", () => {
  const known =
    "UTF-8 us-ascii ISO-8859-2 windows-1250 cp-1250 koi8-r iso-2022-jp gb2312 big5 ks_c_5601-1987 IBM866";
  for (const name of known.split(" ")) assert.equal(isKnownCharset(name), true, name);
  assert.equal(isKnownCharset("x-klingon"), false);
});
