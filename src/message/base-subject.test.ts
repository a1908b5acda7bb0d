import assert from "node:assert/strict";
import { test } from "node:test";
import { findBaseSubject } from "./base-subject.ts";

const cases: readonly (readonly [string, string, boolean])[] = [
  ["Sretan put", "Sretan put", false],
  ["  many   blanks\t here ", "many blanks here", false],
  ["Re: x", "x", true],
  ["RE : FW: Fwd: re: x", "x", true],
  ["Re[2]: x", "x", true],
  ["[list] Re: [tag] x", "x", true],
  ["[list] [two] x", "x", false],
  ["[only]", "[only]", false],
  ["[a] [b]", "[b]", false],
  ["Re: [only]", "[only]", true],
  ["x (fwd) (FWD)", "x", true],
  ["[Fwd: Re: [Fwd: x]]", "x", true],
  ["Re:", "", true],
  ["reply to: x", "reply to: x", false],
  ["Refund: x", "Refund: x", false],
  ["[open Re: x", "[open Re: x", false],
  ["", "", false],
];

for (const [subject, text, isReplyOrForward] of cases) {
  test(`RFC 5256 §2.1: base subject of ${JSON.stringify(subject)}`, () => {
    assert.deepEqual(findBaseSubject(subject), { text, isReplyOrForward });
  });
}

test("hostile subjects are cheap", () => {
  for (const piece of ["[", "[a]", "re:", "[fwd:", "(fwd)", "[a] ", " "]) {
    findBaseSubject(piece.repeat(200_000));
  }
});
