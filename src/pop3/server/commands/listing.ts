import { Refusal } from "../../../base/faults.ts";
import { defineRow } from "../../../protocol/rows.ts";
import { parseMessageNumber, parseNothing, splitArguments } from "../../grammar/command.ts";
import type { Maildrop } from "../maildrop.ts";
import type { Pop3Session } from "../session.ts";

const phases = ["transaction"];
/** Lines that are written at once. */
const linesAtOnce = 1000;

export const stat = defineRow<Pop3Session, string | undefined, void>({
  verb: "STAT",
  rfc: "RFC 1939 §5",
  phases,
  parse: parseNothing,
  run(session) {
    const { drop } = session.transaction;
    session.ok(`${drop.count} ${drop.bytes}`);
  },
});

export const list = defineRow<Pop3Session, string | undefined, number | undefined>({
  verb: "LIST",
  rfc: "RFC 1939 §5",
  phases,
  parse: parseOptionalNumber,
  run(session, number) {
    const { drop } = session.transaction;
    return answer(session, number, session.texts.messages(drop.count, drop.bytes), (each) =>
      String(drop.sizeOf(each)),
    );
  },
});

export const uidl = defineRow<Pop3Session, string | undefined, number | undefined>({
  verb: "UIDL",
  rfc: "RFC 1939 §7",
  capabilities: ["UIDL"],
  phases,
  parse: parseOptionalNumber,
  run(session, number) {
    const { drop } = session.transaction;
    return answer(session, number, session.texts.uniqueIds, (each) => drop.uniqueIdOf(each));
  },
});

export const dele = defineRow<Pop3Session, string | undefined, number>({
  verb: "DELE",
  rfc: "RFC 1939 §5",
  phases,
  parse: parseNumber,
  run(session, number) {
    const { drop } = session.transaction;
    drop.check(number);
    drop.markDeleted(number);
    session.ok(session.texts.marked);
  },
});

export const noop = defineRow<Pop3Session, string | undefined, void>({
  verb: "NOOP",
  rfc: "RFC 1939 §5",
  phases,
  parse: parseNothing,
  run: (session) => session.ok(session.texts.stillHere),
});

export const rset = defineRow<Pop3Session, string | undefined, void>({
  verb: "RSET",
  rfc: "RFC 1939 §5",
  phases,
  parse: parseNothing,
  run(session) {
    const { drop } = session.transaction;
    drop.unmarkAll();
    session.ok(session.texts.messages(drop.count, drop.bytes));
  },
});

/** One message's line, or the line of each that is not marked (RFC 1939 §5). */
async function answer(
  session: Pop3Session,
  number: number | undefined,
  heading: string,
  describe: (number: number) => string,
): Promise<void> {
  const { drop } = session.transaction;
  if (number !== undefined) {
    drop.check(number);
    session.ok(`${number} ${describe(number)}`);
    return;
  }
  session.ok(heading);
  let lines = "";
  let lineCount = 0;
  for (const each of unmarked(drop)) {
    lines += `${each} ${describe(each)}\r\n`;
    if (++lineCount % linesAtOnce !== 0) continue;
    await session.write(lines);
    lines = "";
  }
  await session.write(`${lines}.\r\n`);
}

function* unmarked(drop: Maildrop): Iterable<number> {
  for (let number = 1; number <= drop.lastNumber; number++) {
    if (!drop.isDeleted(number)) yield number;
  }
}

function parseOptionalNumber(argument: string | undefined): number | undefined {
  const [text] = splitArguments(argument, 1);
  return text === undefined ? undefined : parseMessageNumber(text);
}

function parseNumber(argument: string | undefined): number {
  const number = parseOptionalNumber(argument);
  if (number === undefined) throw new Refusal("syntax", "A message number is missing.");
  return number;
}
