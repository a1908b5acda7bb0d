import { Refusal } from "../../../base/faults.ts";
import {
  parseGetMetadata,
  parseSetMetadata,
  type GetMetadataArguments,
  type SetMetadataArguments,
} from "../../grammar/metadata-arguments.ts";
import { defineCommand, loggedIn, loggedInPhases } from "../command.ts";
import { checkFilter, filterOf } from "../filters.ts";
import { sendMetadata } from "../metadata.ts";
import { CodedRefusal, type Completion } from "../replies.ts";
import type { Session } from "../session.ts";

/** Largest value, bytes; RFC 5464 §4.1 wants at least 1024. */
const valueBytesMax = 32 * 1024;

export const getMetadata = defineCommand<GetMetadataArguments>({
  verb: "GETMETADATA",
  rfc: "RFC 5464 §4.2",
  phases: loggedInPhases,
  capabilities: ["METADATA"],
  sequenceNumbers: "mayChange",
  parse: parseGetMetadata,
  async run(session, { mailbox, options, entries }): Promise<Completion> {
    const values = await loggedIn(session).mail.annotations(mailbox);
    const leftOut = sendMetadata(session, mailbox, values, entries, options);
    const text = "Told.";
    return leftOut === 0 ? { text } : { text, code: `METADATA LONGENTRIES ${leftOut}` };
  },
});

export const setMetadata = defineCommand<SetMetadataArguments>({
  verb: "SETMETADATA",
  rfc: "RFC 5464 §4.3",
  phases: loggedInPhases,
  sequenceNumbers: "mayChange",
  parse: parseSetMetadata,
  permit(_, { mailbox, entries }) {
    if (entries.some(({ value = "" }) => value.length > valueBytesMax)) {
      const text = "The value is too large.";
      return new CodedRefusal("limit", `METADATA MAXSIZE ${valueBytesMax}`, text);
    }
    // What all users of the server would see is the administrator's (RFC 5464 §3.3).
    return mailbox === "" && entries.some(({ name }) => name.startsWith("/shared/"))
      ? new Refusal("notPermitted", "Shared entries of the server cannot be set here.")
      : undefined;
  },
  async run(session, args) {
    await set(session, args);
    return { text: "Set." };
  },
});

async function set(session: Session, { mailbox, entries }: SetMetadataArguments): Promise<void> {
  for (const { name, value } of entries) {
    if (mailbox === "" && value !== undefined && filterOf(name) !== undefined) checkFilter(value);
  }
  try {
    await loggedIn(session).mail.annotate(mailbox, entries);
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== "limit") throw error;
    throw new CodedRefusal("limit", "METADATA TOOMANY", error.text);
  }
}
