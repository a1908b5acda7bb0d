import type { Scanner } from "./scanner.ts";

const items = [
  "MESSAGES",
  "RECENT",
  "UIDNEXT",
  "UIDVALIDITY",
  "UNSEEN",
  "DELETED",
  "SIZE",
  "HIGHESTMODSEQ",
  "APPENDLIMIT",
  "MAILBOXID",
  "DELETED-STORAGE",
] as const;

/** RFC 9051 §6.3.11, RFC 7162 §3.1.7, 7889 §4, 8438 §3, 8474 §4.3, 9208 §4.1.4. */
export type StatusItem = (typeof items)[number];

const byName: ReadonlyMap<string, StatusItem> = new Map(items.map((item) => [item, item]));

/** "(" status-att … ")" without repetition. */
export function parseStatusItems(scanner: Scanner): StatusItem[] {
  const list = scanner.list(
    () => {
      const item = byName.get(scanner.keyword("a STATUS data item"));
      if (item === undefined) throw scanner.error("Unknown STATUS data item.");
      return item;
    },
    { allowEmpty: false, itemsMax: 32 },
  );
  return [...new Set(list)];
}
