import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { foldText } from "./fold.ts";

const cases: readonly (readonly [string, string])[] = [
  ["Đorđe ĐORĐE Ђорђе ЂОРЂЕ dorde", "dorde dorde dorde dorde dorde"],
  ["djordje", "djordje"],
  ["Čćžšđ ČĆŽŠĐ", "cczsd cczsd"],
  ["Zażółć gęślą jaźń, ŁÓDŹ", "zazolc gesla jazn, lodz"],
  ["Љубав Његош Џеп Ћуприја", "ljubav njegos dzep cuprija"],
  ["Ǆ ǅ ǆ Ǉ Ǌ", "dz dz dz lj nj"],
  ["Николай Щърбанов, юбилеят", "nikolay starbanov, yubileyat"],
  ["Ѓорѓи Ќосев ѕвезда", "gorgi kosev dzvezda"],
  ["Київ їжак ґанок", "kyiv izak ganok".replace("kyiv", "kiiv")],
  ["Straße STRASSE ẞ", "strasse strasse ss"],
  ["Ærøskøbing Œuvre Þór ðað", "aeroskobing oeuvre thor dad"],
  ["ﬁn ① ½ ㎏ Ａｂ", "fin 1 1⁄2 kg ab"],
  ["Ὀδυσσεύς", "οδυσσευσ"],
  ["شَمْس", "شمس"],
  ["が ガ 한국", "が ガ 한국"],
  ["İstanbul ıssız", "istanbul issiz"],
  ["a\u00a0\t\r\n  b\u3000c", "a b c"],
  ["so\u00adft\u200bly \u0000\u0007", "softly "],
  ["„navod” ‘x’ – — «y»", '"navod" \'x\' - - "y"'],
  ["𝐀𝔅 😀 𐐀 🄰 𠀀 \u{2f800}", "ab 😀 𐐨 a 𠀀 丽"],
  ["\uffff\ud800x", "\uffffx"],
  ["", ""],
];

for (const [text, expected] of cases) {
  test(`${JSON.stringify(text)} folds to ${JSON.stringify(expected)}`, () => {
    assert.equal(foldText(text), expected);
  });
}

test("letters and marks apart fold as letters with marks do", () => {
  for (const text of ["Đorđe Šarić žaba", "Николай", "Łódź ąę", "ガギ", "한국어", "Ὀδυσσεύς"]) {
    assert.equal(foldText(text.normalize("NFD")), foldText(text), text);
  }
});

test("long texts fold as short ones do", () => {
  const text = "Račun  br. 5\r\nЂорђе ½ ";
  const folded = foldText(text);
  assert.equal(foldText(text.repeat(3000)), folded.repeat(3000));
  assert.equal(foldText("ǆ".repeat(50_000)), "dz".repeat(50_000));
  assert.equal(foldText("\ufdfa".repeat(1000)), foldText("\ufdfa").repeat(1000));
});

test("ASCII folds the same alone and beside other letters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii", maxLength: 300 }), (text) => {
      assert.equal(`${foldText(text)}c`, foldText(`${text}č`));
    }),
  );
});

test("folding twice changes nothing", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 400 });
  fc.assert(
    fc.property(text, (original) => {
      const folded = foldText(original);
      assert.equal(foldText(folded), folded);
    }),
  );
});

test("a part of a text is found in it after folding both", () => {
  const letters = "aAbČćđĐљЊшЩюя \t\nßﬁ½한がł€x".split("");
  const text = fc.array(fc.constantFrom(...letters), { maxLength: 400 });
  fc.assert(
    fc.property(text, fc.nat(400), fc.nat(400), (list, from, length) => {
      const part = list.slice(from, from + length).join("");
      assert.ok(foldText(list.join("")).includes(foldText(part)));
    }),
  );
});
