import assert from "node:assert/strict";
import { test } from "node:test";
import { reasons, Refusal } from "../base/faults.ts";
import { createPop3Fixture, type Pop3Client } from "./dialogue-fixture.ts";
import { findTexts, languages } from "./server/texts/find-texts.ts";

const fromWire = (line: string) => Buffer.from(line, "latin1").toString("utf8");
const say = async (client: Pop3Client, command: string) => fromWire(await client.say(command));

test("LANG lists the languages, each by its own name (RFC 6856 §3.1)", async () => {
  await using pop = await createPop3Fixture();
  const client = await pop.connect();
  assert.equal(await client.say("LANG"), "+OK Languages follow.");
  assert.deepEqual((await client.rest()).map(fromWire), [
    "en English",
    "hr Hrvatski",
    "pl Polski",
    "bg Български",
    "sr Српски",
    "sr-Latn Srpski",
  ]);
});

test("LANG changes what is said, before login and after it (RFC 6856 §3.1)", async () => {
  await using pop = await createPop3Fixture({ limits: { loginErrorsMax: 9 } });
  await pop.put("Subject: a\r\n\r\nText\r\n");
  const client = await pop.connect();
  assert.equal(await say(client, "LANG hr-HR"), "+OK hr Odsad na hrvatskom.");
  await client.say("USER ana@example.org");
  assert.equal(await say(client, "PASS x"), "-ERR [AUTH] Pogrešno ime ili lozinka.");
  await client.say("USER ana@example.org");
  assert.equal(await say(client, "PASS secret word"), "+OK Poruka: 1 (okteta: 20)");
  assert.equal(await say(client, "LANG sr"), "+OK sr Одсад на српском.");
  assert.equal(await say(client, "RETR 2"), "-ERR Нема такве поруке.");
  assert.equal(await say(client, "LANG SR-latn"), "+OK sr-Latn Odsad na srpskom.");
  assert.equal(await say(client, "DELE 1"), "+OK Označeno; QUIT će je ukloniti.");
  assert.match(await say(client, "LANG tlh"), /^-ERR Nepoznata naredba/, "the language stays");
  assert.equal(await say(client, "LANG *"), "+OK en English from now on.");
  assert.equal(await say(client, "STAT"), "+OK 0 0");
});

test("a language that was chosen before STLS does not count after it (RFC 2595 §4)", async () => {
  await using pop = await createPop3Fixture();
  const client = await pop.connect();
  await client.say("LANG pl");
  await client.say("STLS");
  await client.startTls();
  assert.equal(await client.say("USER ana@example.org"), "+OK Now the password.");
});

test("a range finds the nearest language that there is (RFC 4647 §3.4)", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["sr-Cyrl-RS", "sr"],
    ["sr-Latn-ME", "sr-Latn"],
    ["EN-gb", "en"],
    ["e", undefined],
    ["", undefined],
    ["-hr", undefined],
    [`hr${"-x".repeat(100)}`, undefined],
  ];
  for (const [range, tag] of cases) assert.equal(findTexts(range)?.tag, tag, range);
});

test("every answer fits in a line of 512 bytes, whatever is refused (RFC 2449 §4)", () => {
  for (const texts of languages) {
    for (const reason of reasons) {
      const text = texts.refused(new Refusal(reason, "Internal error; reference ABC."));
      assert.ok(Buffer.byteLength(text) < 480, `${texts.tag} ${reason}`);
      assert.ok(!/[\r\n]/.test(text) && text !== "", `${texts.tag} ${reason}`);
      if (reason === "bug") assert.match(text, /reference ABC/);
    }
    const isLatin = texts.tag === "sr-Latn";
    if (isLatin) assert.doesNotMatch(texts.removed(1, 2) + texts.name, /\p{Script=Cyrillic}/u);
  }
});
