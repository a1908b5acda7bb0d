import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../base/bytes.ts";
import { digestMessage } from "./digest.ts";
import { checkDigest } from "./digest.fuzz.ts";
import { foldText } from "./fold.ts";

const digest = (text: string) => digestMessage(fromUtf8(text.replaceAll("\n", "\r\n")));
const multipart = (...parts: readonly string[]) =>
  `Content-Type: multipart/mixed; boundary=b\n\n${parts.map((part) => `--b\n${part}\n`).join("")}--b--\n`;

test("RFC 8970 §3.1: the preview is the first text for people, at most 256 characters", () => {
  assert.equal(digest("X: y\n\n one \n two\t three\n").preview, "one two three");
  const long = digest(`X: y\n\n${"riječ ".repeat(200)}`).preview;
  assert.ok(long.length <= 256 && long.length > 220 && long.endsWith("riječ"));
  const wide = digest(`X: y\n\n${"x".repeat(255)}😀`).preview;
  assert.equal(wide, "x".repeat(255));
});

test("the preview leaves quoted lines out unless there is nothing else", () => {
  assert.equal(digest("X: y\n\n> old\n> older\nnew\n").preview, "new");
  assert.equal(digest("X: y\n\n> old\n").preview, "> old");
  assert.equal(digest(`X: y\n\n${"> quoted line of text\n".repeat(300)}reply\n`).preview, "reply");
});

test("the preview comes from the first part that has text", () => {
  const html = "Content-Type: text/html\n\n<p>HTML &amp; co</p>";
  assert.equal(digest(multipart("\n  ", html)).preview, "HTML & co");
  const attached = "Content-Disposition: attachment; filename=a.txt\n\nnot this";
  assert.equal(digest(multipart(attached, html)).preview, "HTML & co");
  assert.equal(digest("Content-Type: image/png\n\nx").preview, "");
});

test("threading keys: message identifier, references oldest first, base subject", () => {
  const { messageId, references, baseSubject, isReplyOrForward } = digest(
    "Message-ID: <3@x>\nIn-Reply-To: <2@x> (x)\nReferences: <0@x>\n <1@x>\nSubject: Re: Bok\n\n",
  );
  assert.equal(messageId, "3@x");
  assert.deepEqual(references, ["0@x", "1@x", "2@x"]);
  assert.equal(baseSubject, "Bok");
  assert.equal(isReplyOrForward, true);
  assert.equal(digest("Subject: x\n\n").messageId, undefined);
});

test("sort keys are folded: mailbox names (RFC 5256 §3), display names (RFC 5957 §3)", () => {
  const { sort } = digest("From: Željko <Z@x>\nTo: g: B@x, C@x;\nCc: D@x\nSubject: Re: Šuma\n\n");
  assert.deepEqual(sort, {
    from: "z",
    to: "b",
    cc: "d",
    displayFrom: "zeljko",
    displayTo: "b@x",
    subject: "suma",
  });
});

test("search text finds words of the header, the bodies, the file names and embedded messages", () => {
  const { searchText } = digest(
    `Subject: Ћирилица\nFrom: a@x\nX-Custom: Šifra\nReceived: by trace\nDKIM-Signature: b=sig\n${multipart(
      "\nprvi dio",
      "Content-Type: text/html; charset=utf-8\n\n<b>drugi</b> <script>skripta</script>dio",
      "Content-Type: message/rfc822\n\nSubject: in\n\nugniježđeno",
      "Content-Type: application/pdf; name=Račun.pdf\n\n%PDF",
    )}`,
  );
  const finds = (text: string, query: string) => text.includes(foldText(query));
  assert.ok(finds(searchText.subject, "ćirilica") && finds(searchText.headers, "ĆIRILICA"));
  assert.ok(finds(searchText.headers, "x-custom: sifra") && finds(searchText.headers, "racun.PDF"));
  assert.ok(!finds(searchText.headers, "trace") && !finds(searchText.headers, "sig"));
  assert.ok(finds(searchText.body, "PRVI DIO") && finds(searchText.body, "drugi dio"));
  assert.ok(finds(searchText.body, "ugnijezdeno") && !finds(searchText.body, "skripta"));
  assert.equal(searchText.isTruncated, false);
});

test("search text of a huge message is cut and says so", () => {
  const { searchText } = digest(`Subject: x\n\n${"riječ na riječ\n".repeat(60_000)}`);
  assert.equal(searchText.isTruncated, true);
  assert.ok(searchText.body.length < 600_000);
});

test("an attachment is what a person calls one", () => {
  const has = (...parts: readonly string[]) => digest(multipart("\ntext", ...parts)).hasAttachment;
  assert.equal(has(), false);
  assert.equal(has("Content-Disposition: attachment; filename=a.txt\n\nx"), true);
  assert.equal(has("Content-Type: application/pdf\n\nx"), true);
  assert.equal(has("Content-Type: text/plain; name=log.txt\n\nx"), true);
  assert.equal(has("Content-Type: message/rfc822\n\nSubject: x\n\ny"), true);
  assert.equal(has("Content-Type: image/png\nContent-Disposition: inline\n\nx"), false);
  assert.equal(has("Content-Type: text/html\n\n<p>x"), false);
  const signature = "Content-Type: application/pgp-signature; name=s.asc\n\nx";
  assert.equal(has(signature), false);
});

test("an unreadable date is no date", () => {
  assert.equal(digest("Date: soon\n\n").dateMs, undefined);
  assert.equal(digest("Date: 1 Jan 2026 00:00 +0100\n\n").dateMs, Date.UTC(2025, 11, 31, 23));
});

test("hostile messages are digested in linear time and without a fault", () => {
  const count = 20_000;
  const bodies = [
    "=\n",
    "=C3",
    "=?utf-8?q?=",
    "<a '",
    "&#x1F600;",
    "\u0306",
    "и\u0306",
    "ﷺ",
    "> \n",
  ];
  for (const piece of bodies) {
    for (const type of ["text/html", "text/plain"]) {
      const header = `Content-Type: ${type}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n`;
      checkDigest(
        fromUtf8(
          `Subject: ${piece.replaceAll("\n", "").repeat(2000)}\n${header}\n${piece.repeat(count)}`,
        ),
      );
    }
  }
});
