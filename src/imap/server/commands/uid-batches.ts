import { Refusal } from "../../../base/faults.ts";
import { seqNo } from "../../../base/ids.ts";
import type { View } from "../../../mailbox/view.ts";
import type { Scanner } from "../../grammar/scanner.ts";
import { quote } from "../../grammar/strings.ts";
import { defineCommand, selected } from "../command.ts";
import { CodedRefusal, untagged } from "../replies.ts";

/** RFC 10022 §3.1.3.2: fewer would only count messages. */
const batchSizeMin = 500;
/** RFC 10022 §3.1.7: messages that the batches of one answer may span, when a range is asked. */
const messagesMax = 100_000;
/** Batches in one answer. */
const batchesMax = 10_000;

interface BatchArguments {
  readonly size: number;
  /** Places of batches, from 1, the newest first; all when absent. */
  readonly range: readonly [first: number, last: number] | undefined;
}

/** RFC 10022 §3.1: UIDs that part the mailbox, the newest messages first. */
export const uidBatches = defineCommand<BatchArguments>({
  verb: "UIDBATCHES",
  rfc: "RFC 10022 §3.1",
  phases: ["selected"],
  capabilities: ["UIDBATCHES"],
  sequenceNumbers: "mayChange",
  parse: parseBatches,
  permit(_, { size, range }) {
    if (size < batchSizeMin) {
      return new CodedRefusal("limit", "TOOFEW", `A batch has at least ${batchSizeMin} messages.`);
    }
    if (range !== undefined && (range[1] - range[0] + 1) * size > messagesMax) {
      return new CodedRefusal("limit", "TOOMANY", `Ask for at most ${messagesMax} messages.`);
    }
    return undefined;
  },
  run(session, { size, range }) {
    const { view } = selected(session);
    const batches = batchesOf(view, size, range);
    const list = batches.map(([high, low]) => `${high}:${low}`).join(",");
    const tag = quote(session.tag ?? "");
    untagged(session, `UIDBATCHES (TAG ${tag})${list === "" ? "" : ` ${list}`}`);
    return { text: "Told." };
  },
});

export function parseBatches(scanner: Scanner): BatchArguments {
  const size = count(scanner);
  let range: BatchArguments["range"];
  if (scanner.skip(" ")) {
    const first = count(scanner);
    scanner.expect(":", "a range of batches");
    range = [first, count(scanner)];
  }
  scanner.end();
  if (range !== undefined && range[0] > range[1]) {
    // BAD with CLIENTBUG is how `badState` is said.
    throw new Refusal("badState", "The first batch comes first (RFC 10022 3.1.5).");
  }
  return { size, range };
}

function count(scanner: Scanner): number {
  const value = scanner.number("a number", 4_294_967_295);
  if (value === 0) throw scanner.error("The number must not be 0.");
  return value;
}

/** The last batch goes down to UID 1, so that the client knows it as the last (§3.1.4). */
function batchesOf(
  view: View,
  size: number,
  range: BatchArguments["range"],
): (readonly [high: number, low: number])[] {
  const total = Math.ceil(view.count / size);
  const [first, last] = range ?? [1, total];
  if (range === undefined && total > batchesMax) {
    throw new CodedRefusal("limit", "TOOMANY", "Ask for a range of batches.");
  }
  const uidOf = (seq: number) => view.columns.uids[view.rowOfSeq(seqNo(seq)) ?? 0] ?? 0;
  const batches: (readonly [number, number])[] = [];
  for (let batch = first; batch <= Math.min(last, total); batch++) {
    const highest = view.count - (batch - 1) * size;
    const lowest = highest - size + 1;
    batches.push([uidOf(highest), lowest <= 1 ? 1 : uidOf(lowest)]);
  }
  return batches;
}
