import type { Clock } from "../base/clock.ts";
import { messageId } from "../base/ids.ts";
import { foldText } from "../message/fold.ts";
import type { MessageFields } from "../store/mail.ts";
import type { SearchColumns, SearchMessages } from "./source.ts";
import { linkByReferences } from "./threading/link-by-references.ts";
import { joinBySubject } from "./threading/join-by-subject.ts";
import { sortForest } from "./threading/sort-forest.ts";
import type { ThreadNode, ThreadedMessage } from "./threading/thread-node.ts";
import { Turns } from "./turns.ts";

export type { ThreadNode };

/** RFC 5256 §3 ORDEREDSUBJECT and REFERENCES; REFS of draft-ietf-morg-inthread. */
export type ThreadAlgorithm = "orderedSubject" | "references" | "refs";

export interface ThreadOptions {
  /** Rows in the order of the mailbox. */
  readonly rows: Uint32Array;
  readonly algorithm: ThreadAlgorithm;
  readonly columns: Pick<SearchColumns, "messageIds" | "internalDatesMs">;
  readonly messages: Pick<SearchMessages, "messages">;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Messages whose fields are read from the store at once. */
const chunkSize = 2000;

/**
 * The rows as conversations: roots in order, each with its answers. A root without a row stands
 * for a message that is not there, and has at least two children.
 *
 * Deviates: the store keeps References and In-Reply-To as one list, so that In-Reply-To counts
 * behind References where RFC 5256 §3 would look at it only when there are no References.
 */
export async function threadRows(options: ThreadOptions): Promise<readonly ThreadNode[]> {
  const { algorithm } = options;
  const turns = new Turns(options.clock, options.signal);
  const messages = await readMessages(options, turns);
  if (algorithm === "orderedSubject") return bySubject(messages);
  const roots = await linkByReferences(messages, turns);
  if (algorithm === "refs") return sortForest(roots, "newest");
  const sorted = sortForest(roots, "first");
  const joined = await joinBySubject(sorted, options.messages, turns);
  return sortForest(joined, "first");
}

async function readMessages(options: ThreadOptions, turns: Turns): Promise<ThreadedMessage[]> {
  const { rows, columns, messages, algorithm } = options;
  const threaded: ThreadedMessage[] = [];
  for (let at = 0; at < rows.length; at += chunkSize) {
    await turns.take();
    const chunk = rows.subarray(at, at + chunkSize);
    const ids = Array.from(chunk, (row) => messageId(columns.messageIds[row] ?? 0));
    const found: readonly (Partial<Fields> | undefined)[] =
      algorithm === "orderedSubject"
        ? await messages.messages(ids, ["baseSubject", "sentAtMs"])
        : await messages.messages(ids, [
            "baseSubject",
            "sentAtMs",
            "messageIdHeader",
            "references",
          ]);
    for (const [place, fields = {}] of found.entries()) {
      const row = chunk[place] ?? 0;
      const atMs = algorithm === "refs" ? columns.internalDatesMs[row] : fields.sentAtMs;
      threaded.push({
        row,
        message: ids[place] ?? messageId(0),
        atMs: atMs ?? 0,
        subject: foldText(fields.baseSubject ?? ""),
        messageIdHeader: fields.messageIdHeader ?? "",
        references: fields.references ?? [],
      });
    }
  }
  return threaded;
}

type Fields = Pick<MessageFields, "baseSubject" | "sentAtMs" | "messageIdHeader" | "references">;

/** RFC 5256 §3 ORDEREDSUBJECT: one level of answers below the oldest of each subject. */
function bySubject(messages: readonly ThreadedMessage[]): ThreadNode[] {
  const groups = new Map<string, ThreadedMessage[]>();
  for (const message of messages) {
    const group = groups.get(message.subject);
    if (group === undefined) groups.set(message.subject, [message]);
    else group.push(message);
  }
  const roots: ThreadNode[] = [];
  for (const group of groups.values()) {
    const [first, ...rest] = group.toSorted((a, b) => a.atMs - b.atMs || a.row - b.row);
    if (first === undefined) continue;
    roots.push({
      message: first,
      children: rest.map((message) => ({ message, children: [] })),
    });
  }
  return sortForest(roots, "first");
}
