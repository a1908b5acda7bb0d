import { flagBits, type Flags } from "../../store/mail-changes.ts";

const systemNames: readonly (readonly [number, string])[] = [
  [flagBits.seen, "\\Seen"],
  [flagBits.answered, "\\Answered"],
  [flagBits.flagged, "\\Flagged"],
  [flagBits.deleted, "\\Deleted"],
  [flagBits.draft, "\\Draft"],
];

/** Flags as IMAP says them, sorted, in lower case. */
export function flagNames({ system, keywords }: Flags): string[] {
  const names = systemNames.flatMap(([bit, name]) => ((system & bit) === 0 ? [] : [name]));
  return comparable([...names, ...keywords]);
}

/** Flags of an IMAP answer in the form of `flagNames`. */
export function comparable(flags: Iterable<string>): string[] {
  return [...flags]
    .map((flag) => flag.toLowerCase())
    .filter((flag) => flag !== "\\recent")
    .sort();
}

export function sameFlags(a: Flags, b: Flags): boolean {
  return flagNames(a).join(" ") === flagNames(b).join(" ");
}
