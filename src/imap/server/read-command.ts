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
import { askFor, sayBye } from "./replies.ts";
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
    const line = await waitForLine(session, reader);
    if (line === undefined) return undefined;
    const header = reader.line(latin1(line));
    session.tag = findTag(reader.text);
    if (header === undefined) break;
    refusal ??= judgeLiteral(session, reader, header);
    if (refusal === undefined) {
      const taken = await takeLiteral(session, header);
      if (taken instanceof Refusal) refusal = taken;
      else reader.literal(taken);
    } else await refuseLiteral(session, header, refusal);
  }
  if (refusal !== undefined) throw refusal;
  return toCommand(reader.command, speaksUtf8(session));
}

/** Gives the bytes of the last command's literals back to the budget of all sessions. */
export function releaseLiterals(session: Session): void {
  session.services.budget.giveBack(session.heldBytes);
  session.heldBytes = 0;
}

/** Between commands news may be told; the command waits until it is (RFC 5465 §3.1). */
async function waitForLine(
  session: Session,
  reader: CommandReader,
): Promise<Uint8Array | undefined> {
  const { notifier } = session;
  if (notifier === undefined || reader.text !== "") return readLine(session, reader);
  session.isWaiting = true;
  try {
    notifier.tellIfIdle();
    return await readLine(session, reader);
  } finally {
    session.isWaiting = false;
    await notifier.settle();
  }
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

/**
 * Whether the literal may come. Takes the bytes of its first piece from the budget when it may:
 * what is only announced costs nothing, or a few clients could stop everybody's mail.
 */
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
  const firstBytes = Math.min(header.sizeBytes, pieceBytesMin);
  if (!budget.tryTake(firstBytes)) return tooMuchMail();
  session.heldBytes += firstBytes;
  return undefined;
}

function tooMuchMail(): Refusal {
  return new Refusal("unavailable", "The server takes too much mail at the moment; try again.");
}

/** The literal, or why the rest of it had to be dropped. */
async function takeLiteral(session: Session, header: LiteralHeader): Promise<Literal | Refusal> {
  if (header.isSynchronizing) askFor(session, "Go on.");
  const dueMs = literalDueMs(session, header.sizeBytes);
  const parts: Uint8Array[] = [];
  let missing = header.sizeBytes;
  let pieceBytes = pieceBytesMin;
  while (missing > 0) {
    const isFirst = parts.length === 0; // its bytes were taken when it was judged
    const nextBytes = Math.min(missing, pieceBytes);
    if (!isFirst && !session.services.budget.tryTake(nextBytes)) {
      releaseLiterals(session);
      await dropLiteral(session, missing, dueMs);
      return tooMuchMail();
    }
    if (!isFirst) session.heldBytes += nextBytes;
    // Copied together, because a client that sends single bytes would cost an object for each.
    const piece = Buffer.allocUnsafeSlow(nextBytes);
    let filled = 0;
    while (filled < piece.length) {
      const some = await readSome(session, piece.length - filled, dueMs);
      piece.set(some, filled);
      filled += some.length;
    }
    parts.push(piece);
    missing -= piece.length;
    pieceBytes = Math.min(pieceBytesMax, pieceBytes * 2);
  }
  return { parts, sizeBytes: header.sizeBytes, isBinary: header.isBinary };
}

/** When a literal must be here however steadily it drips: after login at a least rate. */
function literalDueMs(session: Session, sizeBytes: number): number {
  const { clock, limits } = session.services;
  const isLoggedIn = session.state.phase !== "notAuthenticated";
  const atLeastRateMs = (sizeBytes / limits.literalBytesPerSecondMin) * 1000;
  const waitMs = isLoggedIn ? limits.literalTimeoutMs + atLeastRateMs : limits.loginTimeoutMs;
  return clock.monotonicMs() + waitMs;
}

async function readSome(session: Session, bytesMax: number, dueMs: number): Promise<Uint8Array> {
  const { clock, limits } = session.services;
  const leftMs = dueMs - clock.monotonicMs();
  if (leftMs <= 0) throw new Refusal("timeout", "The literal came too slowly.");
  const some = await session.wire.readSome(bytesMax, Math.min(leftMs, limits.literalTimeoutMs));
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
  await dropLiteral(session, header.sizeBytes, literalDueMs(session, header.sizeBytes));
}

async function dropLiteral(session: Session, bytes: number, dueMs: number): Promise<void> {
  for (let missing = bytes; missing > 0;) {
    missing -= (await readSome(session, missing, dueMs)).length;
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
