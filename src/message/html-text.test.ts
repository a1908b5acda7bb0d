import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlToText } from "./html-text.ts";

const cases: readonly (readonly [string, string])[] = [
  ["plain text", "plain text"],
  ["<p>one</p><p>two<br>three</p>", "one\ntwo\nthree"],
  ["a  \n b <b>bold</b>ed", "a b bolded"],
  ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"],
  ["<style>p{}</style><script>if (a < b) x()</script><title>t</title>y", "y"],
  ["a<!-- <p>hidden</p> -->b<!doctype x><?xml y?>c", "abc"],
  ["<!-- never closed", ""],
  ["<script>never closed", ""],
  ["<a href=\"x>y\" title='>'>link</a>", "link"],
  ['<a href="never closed>link</a> <b title="x">y</b>', "y"],
  ["<a href='never closed>link</a>", "link"],
  ["1 < 2 <3 & 4", "1 < 2 <3 & 4"],
  [
    "&lt;b&gt; &amp;amp; &#382;&#x17E; &scaron;&Scaron;&eacute; &#150; &bogus; &copy",
    "<b> &amp; žž šŠé – &bogus; ©",
  ],
  ["&#0;&#xD800;&#1114112;", "\ufffd\ufffd\ufffd"],
  ["<SCRIPT>x</sCript>y", "y"],
  ["", ""],
];

for (const [html, text] of cases) {
  test(`HTML ${JSON.stringify(html)} reads ${JSON.stringify(text)}`, () => {
    assert.equal(htmlToText(html), text);
  });
}

test("the text stops at the wanted length", () => {
  assert.ok(htmlToText("<p>word</p>".repeat(1000), 100).length < 120);
});

test("hostile HTML costs linear work", () => {
  const pieces = [
    "<",
    '<a "',
    "<a '",
    "<!--",
    "&",
    "&#",
    " ",
    "<td>",
    "<br> ",
    "<script>",
    "<script></scrip",
    "<a b=",
    "</",
    "<!",
    '<p x="y" ',
  ];
  for (const piece of pieces) htmlToText(piece.repeat(100_000));
});
