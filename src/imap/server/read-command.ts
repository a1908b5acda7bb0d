import { latin1 } from "../../base/bytes.ts";
import { ConnectionLost, Refusal } from "../../base/faults.ts";
import type { Command } from "../../protocol/conversation.ts";
import {
  CommandReader,
  findTag,
  type Literal,
  type LiteralHeader,
  type RawCommand,
} from "../grammar/command-reader.ts";
import { atomChar } from "../grammar/classes.ts";
import { Scanner } from "../grammar/scanner.ts";
import { say, sayBye } from "./replies.ts";
import { leaveAccount, speaksUtf8, type Session } from "./session.ts";

/** First and largest piece in which a literal is gathered, bytes. */
const pieceBytesMin = 16 * 1024;
const pieceBytesMax = 256 * 1024;

/**
 * Reads one command with its literals (RFC 9051 §4.3, RFC 7888).
 * @returns undefined when the client has ended its side.
 * @throws Refusal for what is too long or cannot be read; the input stands at the next command.
 */
export async function readCommand(session: Session): Promise<Command<Scanner> | undefined> {
  releaseLiterals(session);
  session.tag = undefined;
  const reader = new CommandReader();
  let refusal: Refusal | undefined;
  for (;;) {
    const line = await readLine(session, reader);
    if (line === undefined) return undefined;
    const header = reader.line(latin1(line));
    session.tag = findTag(reader.text);
    if (header === undefined) break;
    refusal ??= judgeLiteral(session, reader, header);
    if (refusal === undefined) reader.literal(await takeLiteral(session, header));
    else await refuseLiteral(session, header, refusal);
  }
  if (refusal !== undefined) throw refusal;
  return toCommand(reader.command, speaksUtf8(session));
}

/** Gives the bytes of the last command's literals back to the budget of all sessions. */
export function releaseLiterals(session: Session): void {
  session.services.budget.giveBack(session.heldBytes);
  session.heldBytes = 0;
}

function readLine(session: Session, reader: CommandReader): Promise<Uint8Array | undefined> {
  const { limits } = session.services;
  const isLoggedIn = session.state.phase !== "notAuthenticated";
  const bytesMax = isLoggedIn ? limits.commandBytesMax : limits.commandBytesMaxBeforeLogin;
  return session.wire.readLine({
    bytesMax: Math.max(2, bytesMax - reader.textLength),
    timeoutMs: isLoggedIn ? limits.idleTimeoutMs : limits.loginTimeoutMs,
    allowBareLf: true,
  });
}

/** Whether the literal may come. Takes its bytes from the budget when it may. */
function judgeLiteral(
  session: Session,
  reader: CommandReader,
  header: LiteralHeader,
): Refusal | undefined {
  const { limits, budget } = session.services;
  const isLoggedIn = session.state.phase !== "notAuthenticated";
  const isAppend =
    isLoggedIn && /^[^ ]+ (?:APPEND|(?:UID )?REPLACE) /i.test(reader.text.slice(0, 256));
  const bytesMax = isAppend
    ? limits.appendBytesMax
    : isLoggedIn
      ? limits.literalBytesMax
      : limits.literalBytesMaxBeforeLogin;
  if (header.sizeBytes > bytesMax) {
    return isAppend
      ? new Refusal("messageTooLarge", `Messages may have up to ${bytesMax} bytes.`)
      : new Refusal("tooLong", `Literals may have up to ${bytesMax} bytes here.`);
  }
  if (!budget.tryTake(header.sizeBytes)) {
    return new Refusal("unavailable", "The server takes too much mail at the moment; try again.");
  }
  session.heldBytes += header.sizeBytes;
  return undefined;
}

async function takeLiteral(session: Session, header: LiteralHeader): Promise<Literal> {
  if (header.isSynchronizing) say(session, "+ Go on.\r\n");
  const parts: Uint8Array[] = [];
  let missing = header.sizeBytes;
  let pieceBytes = pieceBytesMin;
  while (missing > 0) {
    // Copied together, because a client that sends single bytes would cost an object for each.
    const piece = Buffer.allocUnsafeSlow(Math.min(missing, pieceBytes));
    let filled = 0;
    while (filled < piece.length) {
      const some = await readSome(session, piece.length - filled);
      piece.set(some, filled);
      filled += some.length;
    }
    parts.push(piece);
    missing -= piece.length;
    pieceBytes = Math.min(pieceBytesMax, pieceBytes * 2);
  }
  return { parts, sizeBytes: header.sizeBytes, isBinary: header.isBinary };
}

async function readSome(session: Session, bytesMax: number): Promise<Uint8Array> {
  const some = await session.wire.readSome(bytesMax, session.services.limits.literalTimeoutMs);
  if (some === undefined) throw new ConnectionLost("ended inside a literal");
  return some;
}

/**
 * A literal that the client asked for is refused before the "+", and does not come. One that it
 * sends anyway is dropped, or ends the connection when it is too much even for that (RFC 7888 §4).
 */
async function refuseLiteral(
  session: Session,
  header: LiteralHeader,
  refusal: Refusal,
): Promise<void> {
  if (header.isSynchronizing) throw refusal;
  const { limits } = session.services;
  const isLoggedIn = session.state.phase !== "notAuthenticated";
  const bytesMax = isLoggedIn ? limits.swallowBytesMax : limits.swallowBytesMaxBeforeLogin;
  if (header.sizeBytes > bytesMax) {
    sayBye(session, "The literal is too large.", "TOOBIG");
    leaveAccount(session);
    throw refusal;
  }
  for (let missing = header.sizeBytes; missing > 0;) {
    missing -= (await readSome(session, missing)).length;
  }
}

/** Splits a command into verb and arguments; "UID FETCH" is one verb. */
export function toCommand(raw: RawCommand, isUtf8: boolean): Command<Scanner> {
  const tag = findTag(raw.text);
  if (tag === undefined) throw new Refusal("syntax", "A command begins with a tag.");
  const scanner = new Scanner(raw.text, raw.literals, isUtf8, tag.length);
  // A browser or scanner that found this port: its verb stands where ours have the tag.
  if (/^[A-Z]+ \S+ HTTP\/\d/.test(raw.text)) return { verb: tag, input: scanner };
  scanner.space();
  let verb = takeVerb(scanner);
  if (verb === "UID") {
    scanner.space();
    verb = `UID ${takeVerb(scanner)}`;
  }
  if (!scanner.isAtEnd) scanner.space();
  return { verb, input: scanner };
}

function takeVerb(scanner: Scanner): string {
  const verb = scanner.run(atomChar);
  if (verb === "" || verb.length > 32) throw scanner.error("Expected a command.");
  return verb.toUpperCase();
}
