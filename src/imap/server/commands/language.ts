import { Refusal } from "../../../base/faults.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { anyPhase, defineCommand } from "../command.ts";
import { findLanguage, languages } from "../languages/languages.ts";
import { untagged } from "../replies.ts";
import { sendNamespaces } from "./list.ts";

/** Most languages in one command. */
const rangesMax = 32;

/** RFC 5255 §3.2: the first of the languages that is spoken here. */
export const language = defineCommand<readonly string[]>({
  verb: "LANGUAGE",
  rfc: "RFC 5255 §3.2",
  phases: anyPhase,
  capabilities: ["LANGUAGE"],
  sequenceNumbers: "mayChange",
  parse: parseRanges,
  run(session, ranges) {
    if (ranges.length === 0) {
      untagged(session, `LANGUAGE (${languages.map(({ tag }) => tag).join(" ")} i-default)`);
      return { text: "Listed." };
    }
    const found = ranges.map(findLanguage).find((each) => each !== undefined);
    if (found === undefined) throw new Refusal("noSuchUser", "That language is not spoken here.");
    untagged(session, `LANGUAGE (${found.tag})`);
    session.language = found;
    if (session.state.phase !== "notAuthenticated") sendNamespaces(session);
    return { text: "We speak English." };
  },
});

function parseRanges(scanner: Scanner): readonly string[] {
  const ranges: string[] = [];
  while (!scanner.isAtEnd) {
    if (ranges.length > 0) scanner.space();
    if (ranges.length >= rangesMax) throw new Refusal("limit", "Too many languages.");
    ranges.push(scanner.astring("a language"));
  }
  return ranges;
}
