import { formatNumbers } from "../../grammar/sequence-set.ts";
import { parseAppend, type AppendArguments } from "../../grammar/append-arguments.ts";
import { defineCommand, loggedIn, loggedInPhases } from "../command.ts";
import { findTarget } from "./copying.ts";

/** RFC 9051 §6.3.12; several messages at once come in all or not at all (RFC 3502). */
export const append = defineCommand<AppendArguments>({
  verb: "APPEND",
  rfc: "RFC 9051 §6.3.12",
  phases: loggedInPhases,
  capabilities: ["MULTIAPPEND"],
  sequenceNumbers: "mayChange",
  parse: parseAppend,
  async run(session, { mailbox, items }) {
    const { mail } = loggedIn(session);
    const target = await findTarget(mail, mailbox);
    const added = await mail.append(
      target.id,
      items.map(({ flags, internalDateMs, literal }) => ({
        parts: literal.parts,
        flags,
        ...(internalDateMs === undefined ? {} : { internalDateMs }),
      })),
    );
    const uids = formatNumbers(added.map((result) => result.uid));
    const uidValidity = added[0]?.uidValidity ?? target.uidValidity;
    return { text: "Kept.", code: `APPENDUID ${uidValidity} ${uids}` };
  },
});
