import { ConnectionLost, Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { parseCount, parseMessageNumber, splitArguments } from "../../grammar/command.ts";
import { DotStuffer } from "../../grammar/dot-stuffer.ts";
import { TopCutter } from "../../grammar/top-cutter.ts";
import type { Content } from "../read-ahead.ts";
import type { Pop3Session } from "../session.ts";

const phases = ["transaction"];
/** A long session writes down at least so often what the client has, messages. */
const unsavedMax = 100;
/**
 * Whoever asks for so many lines wants the message and not a look at it: fetchmail, where it
 * leaves mail on the server, fetches with TOP and 99,999,999 lines instead of RETR (seen 2026).
 */
const wholeLines = 1_000_000;

export const retr = defineRow<Pop3Session, string | undefined, number>({
  verb: "RETR",
  rfc: "RFC 1939 §5",
  phases,
  parse(argument) {
    const [number = ""] = splitArguments(argument, 1);
    return parseMessageNumber(number);
  },
  async run(session, number) {
    const content = await open(session, number);
    session.retrievedCount++;
    session.ok(session.texts.octets(session.transaction.drop.sizeOf(number)));
    await send(session, content, undefined);
    await noteSent(session, number);
  },
});

export const top = defineRow<Pop3Session, string | undefined, readonly [number, number]>({
  verb: "TOP",
  rfc: "RFC 1939 §7",
  capabilities: ["TOP"],
  phases,
  parse(argument) {
    const [number = "", lines = ""] = splitArguments(argument, 2);
    return [parseMessageNumber(number), parseCount(lines)];
  },
  async run(session, [number, lines]) {
    const content = await open(session, number);
    session.ok(session.texts.top);
    await send(session, content, new TopCutter(lines));
    if (lines >= wholeLines) await noteSent(session, number);
  },
});

/** @throws Refusal `noSuchMessage`, also when others removed it and it is no longer kept. */
async function open(session: Pop3Session, number: number): Promise<Content> {
  const { drop, reader } = session.transaction;
  drop.check(number);
  const content = await reader.read(number);
  if (content === undefined) throw new Refusal("noSuchMessage", "The message was removed.");
  return content;
}

/** The message went out whole. It counts as fetched once the client shows that it has it. */
async function noteSent(session: Pop3Session, number: number): Promise<void> {
  const { drop } = session.transaction;
  drop.noteSent(number);
  // The answer is out: a failure to write must not follow it. After one it is tried again when
  // so many more came.
  if (drop.unsavedCount > 0 && drop.unsavedCount % unsavedMax === 0)
    await session.saveFetched(drop);
}

async function send(
  session: Pop3Session,
  content: Content,
  cutter: TopCutter | undefined,
): Promise<void> {
  let waiting: Promise<void> | undefined;
  const stuffer = new DotStuffer((piece) => {
    waiting = session.write(piece) ?? waiting;
  });
  if (content.kind === "whole") {
    stuffer.push(cutter === undefined ? content.bytes : cutter.take(content.bytes));
  } else {
    try {
      for await (const piece of content.pieces) {
        stuffer.push(cutter === undefined ? piece : cutter.take(piece));
        await waiting;
        waiting = undefined;
        if (cutter?.isDone === true) break;
      }
    } catch (error) {
      // Half an answer cannot be taken back, and must not look like a whole one.
      throw new ConnectionLost("a message broke off while it was sent", { cause: error });
    }
  }
  waiting = session.write(stuffer.end()) ?? waiting;
  if (waiting !== undefined) await waiting;
}
