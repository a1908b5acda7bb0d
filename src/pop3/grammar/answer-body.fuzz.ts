import { assert } from "../../base/assert.ts";
import { asBuffer, fromUtf8, latin1 } from "../../base/bytes.ts";
import { parseCommandLine } from "./command.ts";
import { DotStuffer } from "./dot-stuffer.ts";
import { TopCutter } from "./top-cutter.ts";

/**
 * Whatever a message is and however it comes in pieces: the answer ends at its one final dot,
 * taking the added dots away gives the message back, and TOP is a beginning of RETR.
 */
export function fuzz(bytes: Uint8Array): void {
  const split = bytes[0] ?? 0;
  const lines = bytes[1] ?? 0;
  const message = asBuffer(bytes.subarray(2));
  const at = message.length === 0 ? 0 : split % message.length;
  const pieces = [message.subarray(0, at), message.subarray(at)];

  const answer = answerOf(pieces);
  assert(answer === answerOf([message]), "stuffing does not depend on the pieces");
  assert(answer.endsWith("\r\n.\r\n") || answer === ".\r\n", "an answer ends with a dot");
  assert(!/\n\.\r?\n/.test(answer.slice(0, -3)), "no line before the last is a dot");
  const unstuffed = answer.slice(0, -3).replace(/(^|\n)\./g, "$1");
  const sent = latin1(message);
  assert(unstuffed === sent || unstuffed === `${sent}\r\n`, "the message comes back");

  const whole = latin1(new TopCutter(lines).take(message));
  const cutter = new TopCutter(lines);
  const inPieces = pieces.map((piece) => latin1(cutter.take(piece))).join("");
  assert(whole === inPieces, "TOP does not depend on the pieces");
  assert(sent.startsWith(whole), "TOP is a beginning of the message");

  parseCommandLine(message);
}

function answerOf(pieces: readonly Uint8Array[]): string {
  let answer = "";
  const stuffer = new DotStuffer((piece) => (answer += latin1(piece)));
  for (const piece of pieces) stuffer.push(piece);
  return answer + stuffer.end();
}

export const seeds = [
  "",
  "\u0003\u0001Subject: x\r\n\r\n.\r\n..\r\ntext",
  "\u0005\u0000.\r\n",
  "\u0001\u0002a\n.\nb\r\r\n\n.\r\n",
  "\u0009\u0001a: b\r\n\r\none\r\ntwo\r\n",
  "\u0007\u0003\r\n.\r\n.\r",
].map(fromUtf8);
