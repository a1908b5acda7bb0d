import { Refusal } from "../../base/faults.ts";
import { listChar } from "./classes.ts";
import { parseEntries } from "./metadata-arguments.ts";
import { decodeMailboxName } from "./mailbox-name.ts";
import { parseStatusItems, type StatusItem } from "./status-items.ts";
import type { Scanner } from "./scanner.ts";

/** Most patterns in one LIST. */
export const patternsMax = 64;

export type ListSelection = "SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" | "SPECIAL-USE";

export interface ListArguments {
  readonly selections: ReadonlySet<ListSelection>;
  readonly reference: string;
  /** In the form of the store, with "*" and "%". */
  readonly patterns: readonly string[];
  readonly returns: {
    readonly subscribed: boolean;
    readonly children: boolean;
    readonly specialUse: boolean;
    readonly status: readonly StatusItem[];
    /** Entries to be told with each mailbox (RFC 9590 §4). */
    readonly metadata: readonly string[];
  };
  /** No selection, pattern list or RETURN was given: RFC 3501's form. */
  readonly isBasic: boolean;
}

const selectionNames: ReadonlyMap<string, ListSelection> = new Map(
  (["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"] as const).map((name) => [name, name]),
);

/** RFC 9051 §6.3.9, RFC 5258 §3, RFC 5819 §2, RFC 6154 §5.2. */
export function parseList(scanner: Scanner): ListArguments {
  const hasSelection = scanner.peek() === "(";
  const selections = hasSelection ? parseSelections(scanner) : new Set<ListSelection>();
  const reference = decodeMailboxName(scanner.astring("a reference name"), scanner.isUtf8);
  scanner.space();
  const hasPatternList = scanner.peek() === "(";
  const patterns = hasPatternList
    ? scanner.list(() => parsePattern(scanner), { allowEmpty: false, itemsMax: patternsMax })
    : [parsePattern(scanner)];
  const hasReturn = scanner.skip(" ");
  const returns = hasReturn ? parseReturns(scanner) : noReturns;
  scanner.end();
  const isBasic = !hasSelection && !hasPatternList && !hasReturn;
  return { selections, reference, patterns, returns, isBasic };
}

const noReturns = {
  subscribed: false,
  children: false,
  specialUse: false,
  status: [],
  metadata: [],
};

function parseSelections(scanner: Scanner): ReadonlySet<ListSelection> {
  const names = scanner.list(
    () => {
      const selection = selectionNames.get(scanner.keyword("a selection option"));
      if (selection === undefined) throw new Refusal("unsupported", "Unknown selection option.");
      return selection;
    },
    { allowEmpty: true, itemsMax: 16 },
  );
  scanner.space();
  const selections = new Set(names);
  // RFC 5258 §3.1: RECURSIVEMATCH needs a selection that it can recurse for.
  if (
    selections.has("RECURSIVEMATCH") &&
    !selections.has("SUBSCRIBED") &&
    !selections.has("SPECIAL-USE")
  ) {
    throw scanner.error("RECURSIVEMATCH needs another selection option.");
  }
  return selections;
}

/** RFC 9051 §9 list-mailbox. */
export function parsePattern(scanner: Scanner): string {
  const atom = scanner.run(listChar);
  const octets = atom === "" ? scanner.string("a mailbox pattern") : atom;
  return decodeMailboxName(octets, scanner.isUtf8);
}

function parseReturns(scanner: Scanner): ListArguments["returns"] {
  scanner.expect("RETURN (", "RETURN (");
  scanner.at--;
  const returns = {
    ...noReturns,
    status: [] as readonly StatusItem[],
    metadata: [] as readonly string[],
  };
  scanner.list(
    () => {
      const name = scanner.keyword("a return option");
      if (name === "SUBSCRIBED") returns.subscribed = true;
      else if (name === "CHILDREN") returns.children = true;
      else if (name === "SPECIAL-USE") returns.specialUse = true;
      else if (name === "STATUS") {
        scanner.space();
        returns.status = parseStatusItems(scanner);
      } else if (name === "METADATA") {
        scanner.space();
        returns.metadata = parseEntries(scanner);
      } else throw new Refusal("unsupported", "Unknown return option.");
    },
    { allowEmpty: true, itemsMax: 16 },
  );
  return returns;
}
