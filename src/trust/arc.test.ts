import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { concat, fromLatin1, latin1 } from "../base/bytes.ts";
import { rawValue } from "../message/headers.ts";
import { createStaticResolver } from "../net/resolver-static.ts";
import { sealArc } from "./arc-seal.ts";
import type { SealOptions } from "./arc-seal.ts";
import { verifyArc } from "./arc.ts";
import { dnsWith, ed25519Key, lines, rsaKey } from "./dkim-fixture.ts";
import { readDkimKey } from "./dkim-keys.ts";
import { parseTagList } from "./grammar/tag-list.ts";
import { viewMessage } from "./message-view.ts";

interface Case {
  readonly message: string;
  readonly t: number;
  readonly "sig-headers": string;
  readonly "srv-id": string;
  readonly AS: string;
  readonly AMS: string;
  readonly AAR: string;
}

interface Group {
  readonly description: string;
  readonly tests: Readonly<Record<string, Case>>;
  readonly domain: string;
  readonly sel: string;
  readonly privatekey: string;
  readonly "txt-records": Readonly<Record<string, string>>;
}

const groups = JSON.parse(
  readFileSync(new URL("vectors/arc-sign.json", import.meta.url), "utf8"),
) as readonly Group[];

/** Values of tags as they count; white space within is none. */
const tagsOf = (text: string) =>
  [...(parseTagList(text) ?? [])].map(([tag, value]) => `${tag}=${value.replace(/\s/g, "")}`);

const words = (text: string) => text.replace(/\s+/g, " ").trim();

// RFC 8617 §5.1: cases of the ARC test suite.
for (const group of groups) {
  for (const [name, each] of Object.entries(group.tests)) {
    test(`the ARC suite agrees: ${group.description}, ${name}`, async () => {
      const view = viewMessage(fromLatin1(each.message.replace(/\n/g, "\r\n")));
      const own = view
        .fieldsNamed("authentication-results")
        .map((field) => words(rawValue(view.header, field)))
        .filter((value) => value.startsWith(`${each["srv-id"]};`))
        .map((value) => value.slice(each["srv-id"].length + 1).trim());
      const results = `${each["srv-id"]}; ${own.join("; ")}`;
      const chain = /arc=(none|pass|fail)/.exec(results)?.[1] as SealOptions["chain"] | undefined;
      const key = readDkimKey(group.domain, group.sel, group.privatekey);
      const set = sealArc(view, {
        key,
        chain: chain ?? "none",
        results,
        nowMs: each.t * 1000,
        signedNames: each["sig-headers"].split(":"),
      });
      if (each.AS === "") return assert.equal(set, undefined);
      const sealed = viewMessage(concat([fromLatin1(set ?? ""), view.bytes]));
      const newest = (field: string) => {
        const [first] = sealed.fieldsNamed(field);
        return first === undefined ? "" : rawValue(sealed.header, first);
      };
      assert.equal(words(newest("arc-authentication-results")), words(each.AAR));
      assert.deepEqual(tagsOf(newest("arc-message-signature")), tagsOf(each.AMS));
      assert.deepEqual(tagsOf(newest("arc-seal")), tagsOf(each.AS));
      if (chain === "fail") return;
      const records = Object.entries(group["txt-records"]).map(
        ([at, text]) => [at, { txt: [text.replace(/\n/g, "")] }] as const,
      );
      const judged = await verifyArc(sealed, createStaticResolver(new Map(records)));
      assert.deepEqual([judged.result, judged.problem], ["pass", undefined]);
    });
  }
}

test("the ARC suite is whole", () => {
  assert.equal(groups.flatMap(({ tests }) => Object.keys(tests)).length, 17);
});

const plain = lines("From: ana@a.example", "Subject: Zdravo", "", "Bok.");
const keys = [rsaKey("one.example"), ed25519Key("two.example"), rsaKey("three.example")];
const dns = dnsWith(keys);

function seal(message: Uint8Array, key = rsaKey("one.example"), chain: SealOptions["chain"]) {
  const view = viewMessage(message);
  const set = sealArc(view, { key, chain, results: `${key.domain}; spf=pass`, nowMs: 1e12 });
  assert.ok(set);
  return concat([fromLatin1(set), message]);
}

const judge = (message: Uint8Array, resolver = dns) => verifyArc(viewMessage(message), resolver);

const sealedThrice = () =>
  keys.reduce((message, key, at) => seal(message, key, at === 0 ? "none" : "pass"), plain);

// RFC 8617 §5.2.
test("a chain of three passes and names its sealers", async () => {
  assert.deepEqual(await judge(plain), { result: "none", sealers: [], oldestPass: 0 });
  assert.deepEqual(await judge(sealedThrice()), {
    result: "pass",
    sealers: ["one.example", "two.example", "three.example"],
    oldestPass: 0,
  });
});

test("a list that changes the message before it seals breaks what was signed before it", async () => {
  const first = seal(plain, rsaKey("one.example"), "none");
  const changed = fromLatin1(latin1(first).replace("Zdravo", "[list] Zdravo"));
  const second = seal(changed, ed25519Key("two.example"), "pass");
  const judged = await judge(second);
  assert.deepEqual([judged.result, judged.oldestPass], ["pass", 2]);
});

test("a chain fails when any of it was changed, is missing, twice or admits a failure", async () => {
  const text = latin1(sealedThrice());
  const changes: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
    ["body", "Bok.", "Bog.", /the body was changed/],
    ["header", "Zdravo", "Bok", /signature of three.example does not fit/],
    ["older results", "i=1; one.example; spf=pass", "i=1; one.example; spf=fail", /seal of/],
    ["missing", /ARC-Authentication-Results: i=2;[^\n]*\n/, "", /set 2 is not whole/],
    ["twice", "i=2; two.example", "i=1; two.example", /no instance of its own/],
    ["admitted", "cv=pass", "cv=fail", /seal of set 3 says no pass/],
    ["no instance", "i=2; two.example", "i=0; two.example", /no instance of its own/],
  ];
  for (const [what, from, to, problem] of changes) {
    const judged = await judge(fromLatin1(text.replace(from, to)));
    assert.equal(judged.result, "fail", what);
    assert.match(judged.problem ?? "", problem, what);
  }
});

test("keys that are gone fail the chain, those that DNS did not give leave it open", async () => {
  const message = seal(plain, rsaKey("one.example"), "none");
  assert.equal((await judge(message, dnsWith([]))).result, "fail");
  const failing = createStaticResolver(
    new Map([["r1._domainkey.one.example", { failure: "timeout" as const }]]),
  );
  assert.equal((await judge(message, failing)).result, "temperror");
});

test("a chain that has failed gets no further set, and one of 50 is full", () => {
  const failed = seal(
    seal(plain, rsaKey("one.example"), "none"),
    ed25519Key("two.example"),
    "fail",
  );
  const options = {
    key: rsaKey("x.example"),
    chain: "fail",
    results: "x; none",
    nowMs: 0,
  } as const;
  assert.equal(sealArc(viewMessage(failed), options), undefined);
});
