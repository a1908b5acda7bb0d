import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { concat, fromLatin1, latin1 } from "../base/bytes.ts";
import { hashBody } from "./dkim/body-hash.ts";
import { dnsWith, ed25519Key } from "./dkim-fixture.ts";
import { signDkim } from "./dkim-sign.ts";
import { verifyDkim } from "./dkim-verify.ts";
import { viewMessage } from "./message-view.ts";

const key = ed25519Key();
const resolver = dnsWith([key]);
const nowMs = Date.UTC(2026, 10, 23);

/** Text of what canonical forms look at: blanks, line ends whole and broken, other bytes. */
const pieces = fc.constantFrom(" ", "\t", "\r\n", "\r\n\r\n", "\r", "\n", "a", "word", "\xe9", "=");
const body = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(""));
const way = fc.constantFrom("simple" as const, "relaxed" as const);
const names = ["To", "Subject", "X-Own", "Received", "Reply-To", "Date", "List-Id"];
const field = fc
  .tuple(
    fc.constantFrom(...names),
    fc.constantFrom("", " ", "  ", "\t"),
    fc.constantFrom("x", "a b", "a \t b ", "a\r\n b", "a \r\n \t b  ", "ž"),
  )
  .map(([name, blank, value]) => `${name}:${blank}${value}\r\n`);
const message = fc
  .tuple(fc.array(field, { maxLength: 8 }), fc.nat(8), body)
  .map(([fields, place, text]) => {
    const all = fields.toSpliced(place, 0, "From: ana@a.example\r\n");
    return Buffer.from(`${all.join("")}\r\n${text}`, "latin1");
  });

const resultOf = async (bytes: Uint8Array) =>
  (await verifyDkim(viewMessage(bytes), { resolver, nowMs })).signatures[0]?.result;

test("any message passes as signed, and fails with a letter more in its body", async () => {
  await fc.assert(
    fc.asyncProperty(message, way, way, async (bytes, header, bodyWay) => {
      const options = {
        nowMs,
        headerCanonicalization: header,
        bodyCanonicalization: bodyWay,
      };
      const signature = fromLatin1(signDkim(viewMessage(bytes), [key], options));
      assert.equal(await resultOf(concat([signature, bytes])), "pass");
      assert.equal(await resultOf(concat([signature, bytes, fromLatin1("x")])), "fail");
    }),
    { numRuns: 150 },
  );
});

/** RFC 6376 §3.4.3 and §3.4.4 word by word, slow. */
function canonicalBody(text: string, kind: "simple" | "relaxed"): string {
  const relaxed = text.replace(/[ \t]+(?=\r\n|$(?![^]))/g, "").replace(/[ \t]+/g, " ");
  const content = (kind === "simple" ? text : relaxed).replace(/(?:\r\n)+$(?![^])/, "");
  if (kind === "relaxed" && content === "") return "";
  return `${content}\r\n`;
}

test("a body hash is that of the canonical form written out", () => {
  const long = fc.constantFrom("x".repeat(127), "y".repeat(128), "z".repeat(1_000), "\t \t");
  const bodies = fc.array(fc.oneof(pieces, long), { maxLength: 30 }).map((all) => all.join(""));
  const limit = fc.option(fc.nat(300), { nil: undefined });
  fc.assert(
    fc.property(bodies, way, limit, (text, kind, lengthMax) => {
      const canonical = fromLatin1(canonicalBody(text, kind));
      const hashed = hashBody(Buffer.from(`..${text}`, "latin1"), 2, kind, lengthMax);
      const wanted = createHash("sha256").update(canonical.subarray(0, lengthMax)).digest();
      assert.equal(latin1(hashed.digest), latin1(wanted), JSON.stringify(text));
      assert.equal(hashed.canonicalBytes, canonical.length);
    }),
    { numRuns: 500 },
  );
});

test("bodies larger than a chunk are hashed the same", () => {
  for (const unit of ["a b", "x".repeat(500), `${"y".repeat(200)} \t`, "line \r\n"]) {
    const text = unit.repeat(Math.ceil(200_000 / unit.length));
    const wanted = createHash("sha256")
      .update(fromLatin1(canonicalBody(text, "relaxed")))
      .digest();
    assert.equal(latin1(hashBody(fromLatin1(text), 0, "relaxed").digest), latin1(wanted));
  }
});
