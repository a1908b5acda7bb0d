import { findBaseSubject } from "../../message/base-subject.ts";
import { decodeHeaderText } from "../../message/encoded-words.ts";
import { readEnvelope } from "../sorting/stored-envelope.ts";
import type { SearchMessages } from "../source.ts";
import type { Turns } from "../turns.ts";
import type { ThreadedMessage, ThreadNode } from "./thread-node.ts";

/** Messages whose envelopes are read at once. */
const chunkSize = 1000;

/**
 * RFC 5256 §3 REFERENCES, step 5: roots with the same subject become one conversation. Whether a
 * message is an answer by its subject is read for those roots only that share theirs.
 */
export async function joinBySubject(
  roots: readonly ThreadNode[],
  messages: Pick<SearchMessages, "messages">,
  turns: Turns,
): Promise<ThreadNode[]> {
  const replies = await findReplies(roots, messages, turns);
  const isReply = (node: ThreadNode) => {
    const message = firstMessage(node);
    return message !== undefined && replies.has(message);
  };
  const table = subjectTable(roots, isReply);
  const gone = new Set<ThreadNode>();
  const made: ThreadNode[] = [];
  for (const root of roots) {
    const subject = subjectOf(root);
    const head = table.get(subject);
    if (subject === "" || head === undefined || head === root) continue;
    gone.add(root);
    if (head.message === undefined && root.message === undefined) {
      for (const child of root.children) head.children.push(child);
    } else if (head.message === undefined || (isReply(root) && !isReply(head))) {
      head.children.push(root);
    } else {
      const frame: ThreadNode = { message: undefined, children: [head, root] };
      gone.add(head);
      made.push(frame);
      table.set(subject, frame);
    }
  }
  return [...roots, ...made].filter((node) => !gone.has(node));
}

/** Step 5.B: for each subject the root that stands for it. */
function subjectTable(
  roots: readonly ThreadNode[],
  isReply: (node: ThreadNode) => boolean,
): Map<string, ThreadNode> {
  const table = new Map<string, ThreadNode>();
  for (const root of roots) {
    const subject = subjectOf(root);
    if (subject === "") continue;
    const head = table.get(subject);
    const isBetter =
      head === undefined ||
      (head.message !== undefined &&
        (root.message === undefined || (isReply(head) && !isReply(root))));
    if (isBetter) table.set(subject, root);
  }
  return table;
}

function firstMessage(node: ThreadNode): ThreadedMessage | undefined {
  return node.message ?? node.children[0]?.message;
}

function subjectOf(node: ThreadNode): string {
  return firstMessage(node)?.subject ?? "";
}

async function findReplies(
  roots: readonly ThreadNode[],
  messages: Pick<SearchMessages, "messages">,
  turns: Turns,
): Promise<ReadonlySet<ThreadedMessage>> {
  const counts = new Map<string, number>();
  for (const root of roots) {
    const subject = subjectOf(root);
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  const shared = roots.flatMap((root) => {
    const message = firstMessage(root);
    const isShared =
      message !== undefined && message.subject !== "" && (counts.get(message.subject) ?? 0) > 1;
    return isShared ? [message] : [];
  });
  const replies = new Set<ThreadedMessage>();
  for (let at = 0; at < shared.length; at += chunkSize) {
    await turns.take();
    const chunk = shared.slice(at, at + chunkSize);
    const found = await messages.messages(
      chunk.map(({ message }) => message),
      ["envelope"],
    );
    for (const [place, fields] of found.entries()) {
      const message = chunk[place];
      if (message === undefined || fields === undefined) continue;
      const subject = decodeHeaderText(readEnvelope(fields.envelope).subject);
      if (findBaseSubject(subject).isReplyOrForward) replies.add(message);
    }
  }
  return replies;
}
