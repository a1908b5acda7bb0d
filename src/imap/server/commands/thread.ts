import { evaluate } from "../../../search/evaluate.ts";
import { threadRows } from "../../../search/thread.ts";
import { usesModSeq } from "../../grammar/search-keys.ts";
import { parseThread, type ThreadArguments } from "../../grammar/sort-arguments.ts";
import { defineCommand, selected, type ImapRow } from "../command.ts";
import { withFilters } from "../filters.ts";
import { untagged, type Completion } from "../replies.ts";
import { toQuery } from "../search-query.ts";
import { formatThreads } from "../searching/format-threads.ts";
import { permitCharset } from "../searching/permit-charset.ts";
import { progressOf } from "../searching/progress.ts";
import type { Session } from "../session.ts";
import { enableCondstore } from "../updates.ts";

export const thread: ImapRow = threadRow("THREAD");
export const uidThread: ImapRow = threadRow("UID THREAD");

/** RFC 5256 §3, and REFS of draft-ietf-morg-inthread. */
function threadRow(verb: "THREAD" | "UID THREAD"): ImapRow {
  const isUid = verb === "UID THREAD";
  return defineCommand<ThreadArguments>({
    verb,
    rfc: "RFC 5256 §3",
    phases: ["selected"],
    capabilities: isUid ? [] : ["THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES", "THREAD=REFS"],
    sequenceNumbers: isUid ? "mayChange" : "kept",
    usesNumbers: !isUid,
    parse: parseThread,
    permit: (_, { charset }) => permitCharset(charset),
    run: (session, args) => runThread(session, args, isUid),
  });
}

async function runThread(
  session: Session,
  args: ThreadArguments,
  isUid: boolean,
): Promise<Completion> {
  const state = selected(session);
  const { view, mail } = state;
  const { clock } = session.services;
  const { algorithm } = args;
  const key = await withFilters(mail, args.key);
  if (usesModSeq(key)) enableCondstore(session);
  const progress = progressOf(session);
  const query = toQuery(key, session, { state, looseness: "stems" });
  const rows = await evaluate({ query, rows: view, messages: mail, clock, progress });
  const { columns } = view;
  const roots = await threadRows({ rows, algorithm, columns, messages: mail, clock });
  const number = (row: number) => (isUid ? (columns.uids[row] ?? 0) : view.seqOfRow(row));
  const text = formatThreads(roots, number);
  untagged(session, text === "" ? "THREAD" : `THREAD ${text}`);
  return { text: "Threaded." };
}
