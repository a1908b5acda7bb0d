import { CodedRefusal, untagged, type Completion } from "../replies.ts";
import { Refusal } from "../../../base/faults.ts";
import type { AccountMail } from "../../../mailbox/account-mail.ts";
import type { MailboxRow } from "../../../store/mail.ts";
import type { UidMap } from "../../../store/mail-changes.ts";
import { parseMailboxName } from "../../grammar/mailbox-name.ts";
import { formatNumbers, parseSequenceSet, type SequenceSet } from "../../grammar/sequence-set.ts";
import { defineCommand, permitChange, selected, type ImapRow } from "../command.ts";
import { rowsOf } from "../rows.ts";
import { noteOwn, type Session } from "../session.ts";

interface CopyArguments {
  readonly set: SequenceSet;
  readonly mailbox: string;
}

export const copy: ImapRow = copyRow("COPY", false);
export const uidCopy: ImapRow = copyRow("UID COPY", false);
export const move: ImapRow = copyRow("MOVE", true);
export const uidMove: ImapRow = copyRow("UID MOVE", true);

/** RFC 9051 §6.4.7 to §6.4.9; RFC 6851 lets MOVE tell expunges even by sequence number. */
function copyRow(verb: "COPY" | "UID COPY" | "MOVE" | "UID MOVE", isMove: boolean): ImapRow {
  const isUid = verb.startsWith("UID ");
  return defineCommand<CopyArguments>({
    verb,
    rfc: isUid ? "RFC 9051 §6.4.9" : isMove ? "RFC 9051 §6.4.8" : "RFC 9051 §6.4.7",
    phases: ["selected"],
    capabilities: verb === "MOVE" ? ["MOVE"] : [],
    sequenceNumbers: "mayChange",
    usesNumbers: !isUid,
    expunges: isMove,
    parse(scanner) {
      const set = parseSequenceSet(scanner);
      scanner.space();
      const mailbox = parseMailboxName(scanner);
      scanner.end();
      return { set, mailbox };
    },
    ...(isMove ? { permit: permitChange } : {}),
    run: (session, args) => runCopy(session, args, { isUid, isMove }),
  });
}

async function runCopy(
  session: Session,
  { set, mailbox }: CopyArguments,
  { isUid, isMove }: { readonly isUid: boolean; readonly isMove: boolean },
): Promise<Completion> {
  const state = selected(session);
  const { mail, view } = state;
  const rows = rowsOf(state, set, isUid);
  const to = await findTarget(mail, mailbox);
  if (rows.length === 0) return { text: "No such messages." };
  const uids = view.uidRanges(rows);
  const from = view.mailbox.id;
  const result = isMove ? await mail.move(from, uids, to.id) : await mail.copy(from, uids, to.id);
  if (to.id === from) noteOwn(state, result.map.to);
  const code = copyUid(result.uidValidity, result.map);
  if (!isMove) {
    return code === undefined ? { text: "Nothing left to copy." } : { text: "Copied.", code };
  }
  // RFC 6851 §4.3: told before the expunges.
  if (code !== undefined) untagged(session, `OK [${code}] Moved.`);
  const text = "Moved.";
  if (!session.hasCondstore) return { text };
  return { text, code: () => `HIGHESTMODSEQ ${view.asOf}` };
}

/** RFC 4315 §3 COPYUID. */
function copyUid(uidValidity: number, { from, to }: UidMap): string | undefined {
  if (from.length === 0) return undefined;
  return `COPYUID ${uidValidity} ${formatNumbers(from)} ${formatNumbers(to)}`;
}

/** The mailbox to put mail into. @throws CodedRefusal TRYCREATE (RFC 9051 §7.1). */
export async function findTarget(mail: AccountMail, name: string): Promise<MailboxRow> {
  try {
    return await mail.getMailbox(name);
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== "noSuchMailbox") throw error;
    throw new CodedRefusal("noSuchMailbox", "TRYCREATE", "No such mailbox; create it first.");
  }
}
