import { Refusal } from "../../../base/faults.ts";
import { modSeq } from "../../../base/ids.ts";
import type { Flags, FlagsMode } from "../../../store/mail-changes.ts";
import { parseStoreFlags } from "../../grammar/flags.ts";
import {
  formatNumbers,
  formatRanges,
  parseSequenceSet,
  type SequenceSet,
} from "../../grammar/sequence-set.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { defineCommand, permitChange, selected, type ImapRow } from "../command.ts";
import type { Completion } from "../replies.ts";
import { rowsOf } from "../rows.ts";
import type { SelectedState, Session } from "../session.ts";
import { enableCondstore, sendFlags, sendUpdates } from "../updates.ts";

interface StoreArguments {
  readonly set: SequenceSet;
  readonly unchangedSince: number | undefined;
  readonly mode: FlagsMode;
  readonly isSilent: boolean;
  readonly flags: Flags;
}

export const store: ImapRow = storeRow("STORE");
export const uidStore: ImapRow = storeRow("UID STORE");

/** RFC 9051 §6.4.6 and §6.4.9, RFC 7162 §3.1.3. */
function storeRow(verb: "STORE" | "UID STORE"): ImapRow {
  const isUid = verb === "UID STORE";
  return defineCommand<StoreArguments>({
    verb,
    rfc: isUid ? "RFC 9051 §6.4.9" : "RFC 9051 §6.4.6",
    phases: ["selected"],
    sequenceNumbers: isUid ? "mayChange" : "kept",
    usesNumbers: !isUid,
    parse: parseStore,
    permit: permitChange,
    run: (session, args) => runStore(session, args, isUid),
  });
}

const modes: ReadonlyMap<string, FlagsMode> = new Map([
  ["+", "add"],
  ["-", "remove"],
  ["", "replace"],
]);

export function parseStore(scanner: Scanner): StoreArguments {
  const set = parseSequenceSet(scanner);
  scanner.space();
  let unchangedSince: number | undefined;
  if (scanner.skip("(")) {
    scanner.expect("UNCHANGEDSINCE ", "UNCHANGEDSINCE");
    unchangedSince = scanner.number("a mod-sequence");
    scanner.expect(") ", '")"');
  }
  const sign = scanner.skip("+") ? "+" : scanner.skip("-") ? "-" : "";
  scanner.expect("FLAGS", "FLAGS");
  const isSilent = scanner.skip(".SILENT");
  scanner.space();
  const flags = parseStoreFlags(scanner);
  scanner.end();
  return { set, unchangedSince, mode: modes.get(sign) ?? "replace", isSilent, flags };
}

async function runStore(
  session: Session,
  args: StoreArguments,
  isUid: boolean,
): Promise<Completion> {
  const state = selected(session);
  const { mail, view } = state;
  if (args.unchangedSince !== undefined) enableCondstore(session);
  const rows = rowsOf(state, args.set, isUid);
  if (rows.length === 0) return { text: "No such messages." };
  const since = args.unchangedSince === undefined ? undefined : modSeq(args.unchangedSince);
  const uids = view.uidRanges(rows);
  const result = await mail.setFlags(view.mailbox.id, uids, args.mode, args.flags, since);
  const modified = view.rowsByUid(result.modified);
  // Only of what was changed or was so already: others may have expunged the rest since.
  const set = view.rowsByUid(result.set);
  tellFlags(session, state, set, {
    isSilent: args.isSilent,
    isUid,
    modSeq: result.modSeq,
  });
  if (modified.length === 0) {
    // RFC 2180 §4.2.3. By UID, messages that are gone are no error (RFC 9051 §6.4.9).
    if (set.length === 0 && !isUid) {
      throw new Refusal("noSuchMessage", "Another session has expunged these messages.");
    }
    return { text: "Flags are set." };
  }
  const code = isUid
    ? formatRanges(result.modified)
    : formatNumbers(Array.from(modified, (row) => view.seqOfRow(row)));
  return { text: "Some messages were changed by others.", code: `MODIFIED ${code}` };
}

/**
 * The answers to a STORE: flags of all messages, without .SILENT; with it only mod-sequences, and
 * only for those who use them (RFC 7162 §3.1.3). What others changed meanwhile is told in any case.
 */
function tellFlags(
  session: Session,
  state: SelectedState,
  rows: Uint32Array,
  store: {
    readonly isSilent: boolean;
    readonly isUid: boolean;
    readonly modSeq: number | undefined;
  },
): void {
  const { uids, modSeqs } = state.view.columns;
  const withUid = store.isUid;
  if (!store.isSilent) sendFlags(session, state, rows, { withUid });
  else if (session.hasCondstore) {
    const changed = rows.filter((row) => modSeqs[row] === store.modSeq);
    sendFlags(session, state, changed, { withUid: true, onlyModSeq: true });
  }
  if (store.modSeq === undefined) return;
  const known = { uids: new Set(Array.from(rows, (row) => uids[row] ?? 0)), modSeq: store.modSeq };
  sendUpdates(session, { expunge: false, known });
}
