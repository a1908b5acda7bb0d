import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { concat, fromLatin1, fromUtf8, latin1 } from "../base/bytes.ts";
import { createOffResolver } from "../net/resolver-off.ts";
import { createStaticResolver } from "../net/resolver-static.ts";
import type { Resolver } from "../net/resolver.ts";
import { dnsWith, ed25519Key, lines, rsaKey } from "./dkim-fixture.ts";
import type { DkimKey } from "./dkim-keys.ts";
import { dkimRecord, formatTxtData, generateDkimKey, readDkimKey } from "./dkim-keys.ts";
import { signDkim } from "./dkim-sign.ts";
import type { SignOptions } from "./dkim-sign.ts";
import { verifyDkim } from "./dkim-verify.ts";
import { viewMessage } from "./message-view.ts";

const nowMs = Date.UTC(2026, 10, 23);
const plain = lines(
  "From: Ana <ana@a.example>",
  "To: bo@b.example",
  "Subject: Zdravo",
  " svijete",
  "",
  "Body  with   spaces ",
  "",
);

function signed(message: Uint8Array, keys: readonly DkimKey[], options?: Partial<SignOptions>) {
  return concat([fromLatin1(signDkim(viewMessage(message), keys, { nowMs, ...options })), message]);
}

async function verify(message: Uint8Array, resolver: Resolver, atMs = nowMs) {
  return (await verifyDkim(viewMessage(message), { resolver, nowMs: atMs })).signatures;
}

const resultsOf = async (message: Uint8Array, resolver: Resolver, atMs?: number) =>
  (await verify(message, resolver, atMs)).map(({ result }) => result);

/** Swaps text in a message. */
const changed = (message: Uint8Array, from: string | RegExp, to: string) =>
  fromLatin1(latin1(message).replace(from, to));

const both = [rsaKey(), ed25519Key()];
const dns = dnsWith(both);

// RFC 8463 §A.3: one message with a signature of each kind.
const example = lines(
  "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;",
  " d=football.example.com; i=@football.example.com;",
  " q=dns/txt; s=brisbane; t=1528637909; h=from : to :",
  " subject : date : message-id : from : subject : date;",
  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
  " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus",
  " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
  "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;",
  " d=football.example.com; i=@football.example.com;",
  " q=dns/txt; s=test; t=1528637909; h=from : to : subject :",
  " date : message-id : from : subject : date;",
  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
  " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3",
  " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz",
  " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
  "From: Joe SixPack <joe@football.example.com>",
  "To: Suzie Q <suzie@shopping.example.net>",
  "Subject: Is dinner ready?",
  "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
  "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
  "",
  "Hi.",
  "",
  "We lost the game.  Are you hungry yet?",
  "",
  "Joe.",
);
const exampleRsa =
  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

test("the example of RFC 8463 §A passes with both its keys", async () => {
  const resolver = dnsWith([], {
    "brisbane._domainkey.football.example.com":
      "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test._domainkey.football.example.com": `v=DKIM1; k=rsa; p=${exampleRsa}`,
  });
  const [first, second] = await verify(example, resolver);
  assert.equal(first?.result, "pass", first?.problem ?? "");
  assert.equal(second?.result, "pass", second?.problem ?? "");
  assert.deepEqual([first?.keyBits, second?.keyBits], [256, 1024]);
  assert.equal(first?.signatureStart, "/gCrinpc");
  const spoilt = changed(example, "hungry", "angry");
  assert.deepEqual(await resultsOf(spoilt, resolver), ["fail", "fail"]);
});

// RFC 6376 §3.4, §5.
test("what is signed passes, with every key and way of reading", async () => {
  for (const headerCanonicalization of ["simple", "relaxed"] as const) {
    for (const bodyCanonicalization of ["simple", "relaxed"] as const) {
      const options = { headerCanonicalization, bodyCanonicalization };
      const message = signed(plain, both, options);
      for (const line of latin1(message).split("\r\n")) assert.ok(line.length <= 78, line);
      assert.deepEqual(await resultsOf(message, dns), ["pass", "pass"]);
      const respaced = changed(message, "with   spaces ", "with spaces");
      const wanted = bodyCanonicalization === "relaxed" ? "pass" : "fail";
      assert.deepEqual(await resultsOf(respaced, dns), [wanted, wanted]);
      const refolded = changed(message, "Zdravo\r\n svijete", "Zdravo svijete ");
      const header = headerCanonicalization === "relaxed" ? "pass" : "fail";
      assert.deepEqual(await resultsOf(refolded, dns), [header, header]);
    }
  }
});

test("no field that says who or what can be added or changed", async () => {
  const message = signed(plain, both);
  for (const added of ["From: eve@e.example", "Subject: other", "Reply-To: eve@e.example"]) {
    const onTop = concat([lines(added), message]);
    assert.deepEqual(await resultsOf(onTop, dns), ["fail", "fail"], added);
  }
  const listed = concat([lines("Received: from x", "List-Id: <l.example>"), message]);
  assert.deepEqual(await resultsOf(listed, dns), ["pass", "pass"]);
});

test("a body without a line end, and one that is empty, have their canonical forms", async () => {
  for (const body of ["", "\r\n\r\n", "  \r\n\t\r\n", "x", "x \t", "x\r\n\r\n \r\n"]) {
    const message = concat([lines("From: ana@a.example", ""), fromLatin1(body)]);
    const kinds = { headerCanonicalization: "simple", bodyCanonicalization: "simple" } as const;
    for (const options of [{}, kinds]) {
      assert.deepEqual(await resultsOf(signed(message, both, options), dns), ["pass", "pass"]);
    }
  }
});

test("a header that others may read in another way proves nothing", async () => {
  const message = latin1(signed(plain, both));
  for (const wrong of [
    message.replace("To: bo", "no field\r\nTo: bo"),
    `From a@b.example\r\n${message}`,
    ` folded\r\n${message}`,
    message.replace("\r\n\r\n", "\r\n--boundary\r\n"),
    `X-Long: ${"x".repeat(600_000)}\r\n${message}`,
  ]) {
    const results = await resultsOf(fromLatin1(wrong), dns);
    assert.ok(!results.includes("pass"), wrong.slice(0, 40));
  }
});

/** Signs by hand: what our own signer refuses to write. */
const withTag = (message: Uint8Array, tag: string, value: string) =>
  changed(message, new RegExp(`\\b${tag}=[^;]*`), `${tag}=${value}`);

// RFC 8301 §3.1.
test("wrong and missing tags make a signature that says why it is worth nothing", async () => {
  const message = signed(plain, [rsaKey()]);
  const cases: readonly (readonly [Uint8Array, string, string])[] = [
    [withTag(message, "v", "2"), "neutral", "no version that is known"],
    [withTag(message, "a", "rsa-sha1"), "policy", "rsa-sha1 proves nothing"],
    [withTag(message, "a", "rsa-sha512"), "neutral", "the algorithm is unknown"],
    [withTag(message, "c", "loose"), "neutral", "c= is unknown"],
    [withTag(message, "d", "b.example; i=@a.example"), "neutral", "i= is outside d="],
    [withTag(message, "d", "example"), "neutral", "d= is no domain"],
    [withTag(message, "t", "tomorrow"), "neutral", "l=, t= or x= is no number"],
    [withTag(message, "h", "to:subject"), "permerror", "From is not signed"],
    [withTag(message, "s", "none"), "permerror", "no key for the signature"],
    [withTag(message, "bh", "AAAA"), "fail", "the body was changed"],
    [changed(message, "v=1;", "v=1; v=1;"), "neutral", "no list of tags"],
    [changed(message, "v=1;", "v=1; q=http;"), "neutral", "q= has no method that is known"],
    [changed(message, "v=1;", "v=1; l=9999;"), "permerror", "l= is more than the body has"],
    [changed(message, "v=1;", "v=1; x=1;"), "permerror", "the signature has expired"],
  ];
  for (const [bytes, result, problem] of cases) {
    const [judged] = await verify(bytes, dns);
    assert.deepEqual([judged?.result, judged?.problem], [result, problem]);
  }
});

test("signatures expire, and those of the future do not count", async () => {
  const message = signed(plain, [rsaKey()], { expiresAfterSeconds: 3_600 });
  assert.deepEqual(await resultsOf(message, dns, nowMs + 3_599_000), ["pass"]);
  assert.deepEqual(await resultsOf(message, dns, nowMs + 3_601_000), ["permerror"]);
  assert.deepEqual(await resultsOf(message, dns, nowMs - 3_600_000), ["pass"]);
  assert.deepEqual(await resultsOf(message, dns, nowMs - 48 * 3_600_000), ["permerror"]);
});

// RFC 8301 §3.2.
test("key records are held to what they say (RFC 6376 §3.6.1)", async () => {
  const key = rsaKey();
  const { name, text } = dkimRecord(key);
  const weak = generateKeyPairSync("rsa", { modulusLength: 768 }).publicKey;
  const weakText = weak.export({ format: "der", type: "spki" }).toString("base64");
  const cases: readonly (readonly [string, string])[] = [
    [text, "pass"],
    [text.replace("v=DKIM1; ", ""), "pass"],
    [text.replace("k=rsa", "h=sha1:sha256; s=*; n=note; z=?"), "pass"],
    [text.replace("k=rsa", "h=sha1"), "permerror"],
    [text.replace("k=rsa", "s=chat"), "permerror"],
    [text.replace("k=rsa", "k=ed25519"), "permerror"],
    [text.replace("DKIM1", "DKIM2"), "permerror"],
    [`k=rsa; ${text.replace("k=rsa; ", "")}`, "permerror"],
    ["v=DKIM1; p=", "permerror"],
    ["v=DKIM1; p=AAAA", "permerror"],
    ["v=DKIM1", "permerror"],
    [`v=DKIM1; p=${weakText}`, "policy"],
  ];
  for (const [record, result] of cases) {
    const message = signed(plain, [key]);
    assert.deepEqual(await resultsOf(message, dnsWith([], { [name]: record })), [result], record);
  }
});

test("a strict key speaks for its own domain only, and one in testing fails softly", async () => {
  const key = rsaKey();
  const { name, text } = dkimRecord(key);
  const message = signed(plain, [key]);
  const strict = dnsWith([], { [name]: `${text}; t=s` });
  const below = withTag(message, "d", "a.example; i=@x.a.example");
  assert.deepEqual(await resultsOf(message, strict), ["pass"]);
  const [judged] = await verify(below, strict);
  assert.equal(judged?.problem, "i= must have the domain of d=");
  const testing = dnsWith([], { [name]: `${text}; t=y:s` });
  assert.equal((await verify(message, testing))[0]?.isTesting, true);
  assert.deepEqual(await resultsOf(changed(message, "Zdravo", "Bok"), testing), ["neutral"]);
});

test("what l= leaves unsigned is counted", async () => {
  // RFC 6376 §8.2: anybody can add to such a body. Signed by a signer that is not ours.
  const key = rsaKey();
  const options = { nowMs };
  const short = lines("From: ana@a.example", "", "signed");
  const view = viewMessage(short);
  const field = signDkim(view, [key], options);
  const [own] = await verify(concat([fromLatin1(field), short]), dns);
  assert.deepEqual([own?.result, own?.unsignedBodyBytes], ["pass", 0]);
  const longer = viewMessage(lines("From: x", "", "signed", "more")).findBodyHash("relaxed", 8);
  assert.ok(longer);
  assert.deepEqual(longer.digest, view.findBodyHash("relaxed")?.digest);
  assert.equal(longer.canonicalBytes - 8, "more\r\n".length);
});

test("thousands of signatures cost no more than a few", async () => {
  const message = signed(plain, [ed25519Key()]);
  const field = latin1(message).split("From:")[0] ?? "";
  let asked = 0;
  const counting: Resolver = { ...dns, txt: (name) => (asked++, dns.txt(name)) };
  const many = concat([fromLatin1(field.repeat(500)), message]);
  const view = viewMessage(many);
  const judged = await verifyDkim(view, { resolver: counting, nowMs });
  assert.deepEqual([judged.signatures.length, judged.ignoredCount, asked], [8, 493, 8]);
});

test("signatures that ask for ever other parts of the body make few passes over it", async () => {
  const message = signed(plain, [ed25519Key()]);
  const field = latin1(message).split("From:")[0] ?? "";
  const others = Array.from({ length: 7 }, (_, at) => field.replace("v=1;", `v=1; l=${at + 1};`));
  const results = await resultsOf(concat([fromLatin1(others.join("")), message]), dns);
  assert.deepEqual(results, [
    "fail",
    "fail",
    "fail",
    "fail",
    "policy",
    "policy",
    "policy",
    "policy",
  ]);
  assert.deepEqual(await resultsOf(message, dns), ["pass"]);
});

test("DNS that fails or is off makes a temporary error", async () => {
  const message = signed(plain, [rsaKey()]);
  const failing = createStaticResolver(
    new Map([["r1._domainkey.a.example", { failure: "timeout" as const }]]),
  );
  assert.deepEqual(await resultsOf(message, failing), ["temperror"]);
  const [judged] = await verify(message, createOffResolver());
  assert.deepEqual([judged?.result, judged?.problem], ["temperror", "DNS is off"]);
});

test("Unicode domains are asked for in A-labels (RFC 8616 §3)", async () => {
  const key = { ...rsaKey(), domain: latin1(fromUtf8("bücher.example")) };
  const message = signed(plain, [key]);
  const [judged] = await verify(message, dnsWith([rsaKey("xn--bcher-kva.example")]));
  assert.deepEqual([judged?.domain, judged?.result], ["xn--bcher-kva.example", "pass"]);
});

test("new keys of both kinds sign, and their records fit a zone file", async () => {
  for (const algorithm of ["rsa-sha256", "ed25519-sha256"] as const) {
    const key = readDkimKey("a.example", "s1", await generateDkimKey(algorithm));
    assert.equal(key.algorithm, algorithm);
    const record = dkimRecord(key);
    assert.equal(record.name, "s1._domainkey.a.example");
    assert.deepEqual(await resultsOf(signed(plain, [key]), dnsWith([key])), ["pass"]);
    const data = formatTxtData(record.text);
    assert.equal(data.replaceAll(/" ?"?/g, ""), record.text);
    for (const part of data.split('" "')) assert.ok(part.length <= 256);
  }
  assert.throws(() => readDkimKey("a.example", "s1", "no key"), /must be an RSA or Ed25519/);
});
