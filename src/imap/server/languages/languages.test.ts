import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createImapFixture } from "../../imap-fixture.ts";
import { findLanguage, languages, toLatin } from "./languages.ts";
import { texts } from "./texts.ts";

test("LANGUAGE lists, chooses and refuses languages (RFC 5255 §3.2)", async () => {
  await using imap = await createImapFixture();
  await imap.play(`
    C: a LANGUAGE
    S: * LANGUAGE (EN HR PL BG SR SR-Latn i-default)
    S: a OK Listed.
    C: b LANGUAGE FR-CA hr-HR en
    S: * LANGUAGE (HR)
    S: * NAMESPACE (("" "/")) NIL NIL
    S: b OK Govorimo hrvatski.
    C: c NOOP
    S: c OK Ništa nije učinjeno.
    C: d EXAMINE Nowhere
    S: d NO [NONEXISTENT] Nema takvog sandučića.
    C: e FROBNICATE
    S: e BAD To nije podržano.
    C: f LANGUAGE de
    S: f NO ...
    C: g IDLE
    S: + Čekam.
    C: DONE
    S: g OK Više ne čekam.
    C: h APPEND INBOX {2}
    S: + Nastavite.
    C: hi
    S: h OK [APPENDUID ... 1] Spremljeno.
    C: i LANGUAGE default
    S: * LANGUAGE (EN)
    S: * NAMESPACE (("" "/")) NIL NIL
    S: i OK We speak English.
    C: j LANGUAGE sr-Latn-RS
    S: * LANGUAGE (SR-Latn)
    S: * NAMESPACE (("" "/")) NIL NIL
    S: j OK Govorimo srpski.
    C: k LOGOUT
    S: * BYE Doviđenja.
    S: k OK Odjavljeni ste.
    S: <end>
  `);
});

test("ranges are looked up as RFC 4647 §3.4 says", () => {
  for (const [range, tag] of [
    ["pl-PL", "PL"],
    ["sr", "SR"],
    ["sr-Cyrl", "SR"],
    ["SR-LATN", "SR-Latn"],
    ["i-default", "EN"],
    ["en-GB", "EN"],
    ["mul", undefined],
  ] as const) {
    assert.equal(findLanguage(range)?.tag, tag);
  }
  assert.equal(toLatin("Љубав, џем и Њива: ђак, ћуп"), "Ljubav, džem i Njiva: đak, ćup");
});

test("whatever the commands say has a translation", () => {
  const folder = new URL("../", import.meta.url);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("languages"),
  );
  assert.ok(paths.length > 40);
  const said = new Set<string>();
  for (const path of paths) {
    const source = readFileSync(new URL(path, folder), "utf8");
    for (const [, part = ""] of source.matchAll(/(?:return|=>|\?|:)[^\n]*\btext: ([^\n]*)/g)) {
      for (const [, text = ""] of part.matchAll(/"([A-Z][^"]*\.)"/g)) said.add(text);
    }
    for (const [, text = ""] of source.matchAll(/(?:OK|NO) \[[^\n]*?\] ([A-Z][^`"\n]*\.)[`"]/g)) {
      said.add(text);
    }
    for (const [, text = ""] of source.matchAll(/(?:sayBye|askFor)\(\w+, "([^"]+)"/g))
      said.add(text);
  }
  assert.ok(said.size > 40, `${said.size} texts were found`);
  const known = new Set<string>(texts);
  assert.deepEqual(
    [...said].filter((text) => !known.has(text)),
    [],
  );
});

test("no translation is English, and none has a character that ends or begins a code", () => {
  const others = languages.slice(1);
  for (const { translate, tag } of others) {
    for (const text of texts) {
      assert.notEqual(translate(text), text, `${tag}: ${text}`);
      assert.doesNotMatch(translate(text), /[[\r\n]/);
    }
  }
});
