import { Refusal } from "../../../base/faults.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { defineCommand, selected } from "../command.ts";
import { contextsMax } from "../searching/context.ts";

/** RFC 5267 §4.3.5: searches whose results are no longer kept up to date. */
export const cancelUpdate = defineCommand<readonly string[]>({
  verb: "CANCELUPDATE",
  rfc: "RFC 5267 §4.3.5",
  phases: ["selected"],
  sequenceNumbers: "mayChange",
  parse: parseTags,
  run(session, tags) {
    const { byTag } = selected(session).contexts;
    for (const tag of tags) {
      if (!byTag.delete(tag)) throw new Refusal("noSuchMessage", "No such search is kept.");
    }
    return { text: "No more updates." };
  },
});

function parseTags(scanner: Scanner): readonly string[] {
  const tags: string[] = [];
  do {
    if (tags.length >= contextsMax) throw new Refusal("limit", "Too many tags.");
    if (scanner.peek() !== '"') throw scanner.error("Expected a quoted tag.");
    tags.push(scanner.string("a tag"));
  } while (scanner.skip(" "));
  scanner.end();
  return tags;
}
