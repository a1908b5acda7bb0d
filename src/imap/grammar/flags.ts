import type { Flags } from "../../store/mail-changes.ts";
import { flagBits } from "../../store/mail-changes.ts";
import { Refusal } from "../../base/faults.ts";
import type { Scanner } from "./scanner.ts";

/** Most keywords named in one command. */
export const keywordsMax = 128;
/** Longest keyword, bytes. */
export const keywordBytesMax = 255;

const bitByName: ReadonlyMap<string, number> = new Map([
  ["SEEN", flagBits.seen],
  ["ANSWERED", flagBits.answered],
  ["FLAGGED", flagBits.flagged],
  ["DELETED", flagBits.deleted],
  ["DRAFT", flagBits.draft],
]);

/** The order in which system flags are written. */
const names: readonly (readonly [bit: number, name: string])[] = [
  [flagBits.answered, "\\Answered"],
  [flagBits.flagged, "\\Flagged"],
  [flagBits.deleted, "\\Deleted"],
  [flagBits.seen, "\\Seen"],
  [flagBits.draft, "\\Draft"],
];

/** All system flags, as they stand in FLAGS. */
export const systemFlagNames = names.map(([, name]) => name).join(" ");

/** RFC 9051 §9 flag-list. */
export function parseFlagList(scanner: Scanner): Flags {
  return flagsOf(
    scanner.list(() => parseFlag(scanner), { allowEmpty: true, itemsMax: keywordsMax }),
    scanner,
  );
}

/** RFC 9051 §9 store-att-flags: a list, or flags without parentheses. */
export function parseStoreFlags(scanner: Scanner): Flags {
  if (scanner.peek() === "(") return parseFlagList(scanner);
  const flags: string[] = [];
  do {
    if (flags.length >= keywordsMax) throw new Refusal("limit", "Too many flags.");
    flags.push(parseFlag(scanner));
  } while (scanner.skip(" "));
  return flagsOf(flags, scanner);
}

function parseFlag(scanner: Scanner): string {
  const flag = (scanner.skip("\\") ? "\\" : "") + scanner.atom("a flag");
  if (flag.length > keywordBytesMax) throw new Refusal("limit", "The keyword is too long.");
  return flag;
}

function flagsOf(flags: readonly string[], scanner: Scanner): Flags {
  let system = 0;
  const keywords = new Map<string, string>();
  for (const flag of flags) {
    if (!flag.startsWith("\\")) {
      const folded = flag.toLowerCase();
      if (!keywords.has(folded)) keywords.set(folded, flag);
      continue;
    }
    const bit = bitByName.get(flag.slice(1).toUpperCase());
    if (bit === undefined) throw scanner.error(`${flag} is not a flag that can be set.`);
    system |= bit;
  }
  return { system, keywords: [...keywords.values()].toSorted() };
}

/** The inside of a flag list: "\Seen $Forwarded". */
export function formatFlags(flags: Flags): string {
  const words = names.filter(([bit]) => (flags.system & bit) !== 0).map(([, name]) => name);
  return [...words, ...flags.keywords].join(" ");
}
