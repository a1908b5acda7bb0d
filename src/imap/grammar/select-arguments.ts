import { Refusal } from "../../base/faults.ts";
import { parseMailboxName } from "./mailbox-name.ts";
import { parseKnownRanges, type NumberRange } from "./sequence-set.ts";
import type { Scanner } from "./scanner.ts";

/** RFC 7162 §7 select-param QRESYNC. */
export interface QresyncArguments {
  readonly uidValidity: number;
  readonly since: number;
  readonly knownUids: readonly NumberRange[] | undefined;
  /** seq-match-data was given: read, so that its errors are found, and not needed. */
  readonly hasSequenceMatch: boolean;
}

export interface SelectArguments {
  readonly mailbox: string;
  readonly condstore: boolean;
  readonly qresync: QresyncArguments | undefined;
}

/** RFC 9051 §6.3.2 with the parameters of RFC 7162 §3.1.8 and §3.2.5. */
export function parseSelect(scanner: Scanner): SelectArguments {
  const mailbox = parseMailboxName(scanner);
  let condstore = false;
  let qresync: QresyncArguments | undefined;
  if (scanner.skip(" ")) {
    scanner.list(
      () => {
        const name = scanner.keyword("a parameter");
        if (name === "CONDSTORE") condstore = true;
        else if (name === "QRESYNC") qresync = parseQresync(scanner);
        else throw new Refusal("unsupported", "Unknown parameter.");
      },
      { allowEmpty: false, itemsMax: 8 },
    );
  }
  scanner.end();
  return { mailbox, condstore, qresync };
}

function parseQresync(scanner: Scanner): QresyncArguments {
  scanner.space();
  scanner.open();
  const uidValidity = scanner.number("the UIDVALIDITY", 4_294_967_295);
  scanner.space();
  const since = scanner.number("a mod-sequence");
  let knownUids: readonly NumberRange[] | undefined;
  if (!scanner.looksAt(" (") && scanner.skip(" ")) knownUids = parseKnownRanges(scanner);
  const hasSequenceMatch = scanner.looksAt(" (");
  if (hasSequenceMatch) skipSequenceMatch(scanner);
  scanner.close();
  return { uidValidity, since, knownUids, hasSequenceMatch };
}

function skipSequenceMatch(scanner: Scanner): void {
  scanner.space();
  scanner.open();
  parseKnownRanges(scanner);
  scanner.space();
  parseKnownRanges(scanner);
  scanner.close();
}
