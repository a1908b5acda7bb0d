import type { Scanner } from "../../grammar/scanner.ts";
import { defineCommand } from "../command.ts";
import { untagged } from "../replies.ts";
import type { Session } from "../session.ts";

const switches: ReadonlyMap<string, (session: Session) => void> = new Map([
  ["CONDSTORE", (session) => void (session.hasCondstore = true)],
  // RFC 7162 §3.2.3: QRESYNC implies CONDSTORE.
  ["QRESYNC", (session) => void (session.hasQresync = session.hasCondstore = true)],
  ["IMAP4REV2", (session) => void (session.hasRev2 = true)],
  ["UTF8=ACCEPT", (session) => void (session.hasUtf8 = true)],
  ["UIDONLY", (session) => void (session.isUidOnly = true)],
]);

/** Spelling in ENABLED. */
const spellings: ReadonlyMap<string, string> = new Map([["IMAP4REV2", "IMAP4rev2"]]);

/** RFC 5161 §3.1. Only before a mailbox is selected, since it changes how names and numbers are told. */
export const enable = defineCommand({
  verb: "ENABLE",
  rfc: "RFC 9051 §6.3.1",
  phases: ["authenticated"],
  capabilities: ["ENABLE", "CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "UIDONLY"],
  sequenceNumbers: "mayChange",
  parse: parseEnable,
  run(session, words) {
    const known = words.filter((word) => switches.has(word));
    for (const word of known) switches.get(word)?.(session);
    untagged(session, ["ENABLED", ...known.map((word) => spellings.get(word) ?? word)].join(" "));
    return { text: "Enabled." };
  },
});

function parseEnable(scanner: Scanner): readonly string[] {
  const words = new Set<string>();
  do words.add(scanner.keyword("a capability"));
  while (scanner.skip(" "));
  scanner.end();
  return [...words];
}
