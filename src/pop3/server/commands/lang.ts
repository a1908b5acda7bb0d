import { Refusal } from "../../../base/faults.ts";
import { fromUtf8 } from "../../../base/bytes.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { splitArguments } from "../../grammar/command.ts";
import type { Pop3Session } from "../session.ts";
import { findTexts, languages } from "../texts/find-texts.ts";

/** RFC 6856 §3.1: chooses the language of what is said from now on, or lists those there are. */
export const lang = defineRow<Pop3Session, string | undefined, string | undefined>({
  verb: "LANG",
  rfc: "RFC 6856 §3.1",
  capabilities: ["LANG"],
  phases: ["authorization", "transaction"],
  parse: (argument) => splitArguments(argument, 1)[0],
  run(session, range) {
    if (range === undefined) {
      const lines = languages.map(({ tag, name }) => `${tag} ${name}\r\n`);
      session.ok(session.texts.languages);
      void session.write(fromUtf8(`${lines.join("")}.\r\n`));
      return;
    }
    const texts = findTexts(range);
    if (texts === undefined) throw new Refusal("unsupported", "That language is not spoken here.");
    session.texts = texts;
    session.ok(`${texts.tag} ${texts.languageChanged}`);
  },
});
