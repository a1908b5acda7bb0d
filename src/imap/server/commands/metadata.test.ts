import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../../../base/bytes.ts";
import { createImapFixture, type ImapFixtureOptions } from "../../imap-fixture.ts";

async function play(script: string, options: ImapFixtureOptions = {}): Promise<void> {
  await using imap = await createImapFixture(options);
  await imap.play(script);
}

test("values are set, told, replaced and removed, for all sessions (RFC 5464 §4)", () =>
  play(`
    C: a SETMETADATA INBOX (/private/comment "My own" /Shared/Comment {9+}
    C: two
    C: line)
    S: a OK Set.
    2C: b GETMETADATA INBOX (/private/comment /shared/comment /private/none)
    2S: * METADATA INBOX (/private/comment "My own" /shared/comment {9}
    2S: two
    2S: line /private/none NIL)
    2S: b OK Told.
    2C: c SETMETADATA INBOX (/private/comment NIL)
    2S: c OK Set.
    C: d GETMETADATA (DEPTH infinity) INBOX /private
    S: d BAD ...
    C: e GETMETADATA INBOX (DEPTH 1) /private/comment
    S: e OK Told.
    C: f GETMETADATA INBOX /private/comment
    S: * METADATA INBOX (/private/comment NIL)
    S: f OK Told.
    C: g GETMETADATA Nowhere /private/comment
    S: g NO [NONEXISTENT] ...
  `));

test("DEPTH and MAXSIZE choose what is told (RFC 5464 §4.2)", () =>
  play(`
    C: a SETMETADATA "" (/private/a/b "1" /private/a/b/c "22" /private/a/b/c/d "333")
    S: a OK Set.
    C: b GETMETADATA "" (DEPTH 1) (/private/a/b)
    S: * METADATA "" (/private/a/b "1" /private/a/b/c "22")
    S: b OK Told.
    C: c GETMETADATA (DEPTH infinity MAXSIZE 2) "" /private/a/b
    S: * METADATA "" (/private/a/b "1" /private/a/b/c "22")
    S: c OK [METADATA LONGENTRIES 3] Told.
    C: d GETMETADATA INBOX (DEPTH infinity) /private/a
    S: d OK Told.
    C: e GETMETADATA "" (DEPTH 2) /private/a
    S: e BAD ...
  `));

test("annotations go with their mailbox, and INBOX keeps its own (RFC 5464 §4.1)", () =>
  play(`
    C: a CREATE Work
    S: a OK ...
    C: b SETMETADATA Work (/private/comment w)
    S: b BAD ...
    C: c SETMETADATA Work (/private/comment "w")
    S: c OK Set.
    C: d SETMETADATA INBOX (/private/comment "i")
    S: d OK Set.
    C: e RENAME Work Job
    S: e OK ...
    C: f RENAME INBOX Old
    S: f OK ...
    C: g LIST "" * RETURN (METADATA (/private/comment))
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * METADATA INBOX (/private/comment "i")
    S: * LIST (\\HasNoChildren) "/" Job
    S: * METADATA Job (/private/comment "w")
    S: * LIST (\\HasNoChildren) "/" Old
    S: * METADATA Old (/private/comment "i")
    S: g OK ...
    C: h DELETE Job
    S: h OK ...
    C: i CREATE Job
    S: i OK ...
    C: j LIST "" Job RETURN (METADATA /private/comment)
    S: * LIST (\\HasNoChildren) "/" Job
    S: * METADATA Job (/private/comment NIL)
    S: j OK ...
  `));

test("LIST tells metadata of each mailbox that it lists (RFC 9590 §4)", () =>
  play(`
    C: a SETMETADATA INBOX (/shared/vendor/v/color "#b71c1c")
    S: a OK Set.
    C: c LIST "" % RETURN (METADATA ("/shared/vendor/v/color") CHILDREN)
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * METADATA INBOX (/shared/vendor/v/color "#b71c1c")
    S: c OK ...
  `));

for (const name of [
  "comment",
  "/other/x",
  "/private",
  "/private//x",
  "/private/x/",
  "/shared/vendor/x",
]) {
  test(`${name} is no name of an entry (RFC 5464 §3.2)`, () =>
    play(`
      C: a SETMETADATA INBOX (${name} "x")
      S: a BAD ...
      C: b GETMETADATA INBOX "${name}*"
      S: b BAD ...
    `));
}

test("too much is refused whole, and what is the server's cannot be set (RFC 5464 §4.3)", () =>
  play(
    `
    C: a SETMETADATA INBOX (/private/a "1" /private/b "2" /private/c "3")
    S: a NO [METADATA TOOMANY] ...
    C: b GETMETADATA INBOX (DEPTH 1) /private/a
    S: b OK Told.
    C: c SETMETADATA INBOX (/private/a {32769+}
    C: ${"x".repeat(32_769)})
    S: c NO [METADATA MAXSIZE 32768] ...
    C: d SETMETADATA "" (/shared/comment "x")
    S: d NO [NOPERM] ...
    C: e SETMETADATA "" (/private/a "1" /private/a "2")
    S: e BAD ...
  `,
    { limits: { annotationsMax: 2 } },
  ));

test("a value with NUL comes back as a literal8 (RFC 5464 §5)", async () => {
  await using imap = await createImapFixture();
  const client = await imap.connect();
  client.send("l LOGIN ana secret\r\n");
  await client.until("l");
  client.send("a SETMETADATA INBOX (/private/x ~{3+}\r\na\0b)\r\n");
  await client.until("a");
  client.say("b GETMETADATA INBOX /private/x");
  assert.deepEqual(await client.until("b"), [
    "* METADATA INBOX (/private/x ~{3}",
    "a\0b)",
    "b OK Told.",
  ]);
});

test("a search may name criteria that the account keeps (RFC 5466 §3.1)", async () => {
  await using imap = await createImapFixture();
  const { mail, inbox } = imap.world;
  const message = (subject: string) => ({
    parts: [fromUtf8(`From: boss@example.org\r\nSubject: ${subject}\r\n\r\nx\r\n`)],
    flags: { system: 0, keywords: [] },
  });
  await mail.append(inbox, [message("one"), message("dva"), message("tri")]);
  const client = await imap.connect();
  client.send("l LOGIN ana secret\r\ns SELECT INBOX\r\n");
  await client.until("s");
  const ask = async (command: string) => {
    client.say(`t ${command}`);
    return (await client.until("t")).join("\n");
  };
  const set = (name: string, criteria: string) =>
    ask(`SETMETADATA "" (/private/filters/values/${name} "${criteria}")`);
  assert.equal(await set("boss", 'FROM boss NOT SUBJECT \\"dva\\"'), "t OK Set.");
  assert.equal(await set("newest", "FILTER Boss 2:*"), "t OK Set.");
  assert.equal(await ask("SEARCH FILTER boss"), "* SEARCH 1 3\nt OK Searched.");
  assert.equal(await ask("UID SEARCH OR 2 FILTER newest"), "* SEARCH 2 3\nt OK Searched.");
  assert.equal(
    await ask("SORT (REVERSE ARRIVAL SUBJECT) UTF-8 FILTER boss"),
    "* SORT 1 3\nt OK Sorted.",
  );
  assert.match(await ask("THREAD REFS UTF-8 FILTER boss"), /THREAD \(1\)\(3\)/);
  assert.match(await ask("ESEARCH IN (personal) FILTER boss"), /ALL 1,3/);
  assert.match(await ask("SEARCH FILTER none"), /^t NO \[UNDEFINED-FILTER none\]/);
  assert.equal(await set("circle", "NOT FILTER circle"), "t OK Set.");
  assert.match(await ask("SEARCH FILTER circle"), /^t NO \[UNDEFINED-FILTER circle\]/);
  assert.match(await set("broken", "OR SMALLER"), /^t NO \[CANNOT\]/);
  assert.match(await ask("SEARCH CHARSET KOI8-R FILTER boss"), /^t BAD \[BADCHARSET/);
  assert.match(await ask("SEARCH CHARSET KOI8-R ALL"), /^t NO \[BADCHARSET/);
});
