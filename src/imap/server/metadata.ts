import { formatAstring, formatString } from "../grammar/strings.ts";
import type { MetadataOptions } from "../grammar/metadata-arguments.ts";
import { formatName } from "./names.ts";
import { untagged } from "./replies.ts";
import type { Session } from "./session.ts";

/**
 * Sends one METADATA (RFC 5464 §4.4.1, RFC 9590 §4). Entries that were named and have no value are
 * NIL.
 * @returns the size of the largest value that was too large to be sent; 0 when there was none.
 */
export function sendMetadata(
  session: Session,
  mailbox: string,
  values: ReadonlyMap<string, string>,
  entries: readonly string[],
  { bytesMax, depth }: MetadataOptions,
): number {
  const wanted = new Set(depth === 0 ? entries : namesBelow(values.keys(), entries, depth));
  const pairs: string[] = [];
  let largestLeftOut = 0;
  for (const name of wanted) {
    const value = values.get(name);
    const label = formatAstring(name, false);
    if (value === undefined) pairs.push(`${label} NIL`);
    else if (value.length > bytesMax) largestLeftOut = Math.max(largestLeftOut, value.length);
    else pairs.push(`${label} ${formatValue(value)}`);
  }
  const name = mailbox === "" ? '""' : formatName(session, mailbox);
  if (pairs.length > 0) untagged(session, `METADATA ${name} (${pairs.join(" ")})`);
  return largestLeftOut;
}

/** Names that exist, at most `depth` levels below those asked for. */
function namesBelow(
  names: Iterable<string>,
  entries: readonly string[],
  depth: number,
): readonly string[] {
  return [...names].toSorted().filter((name) =>
    entries.some((top) => {
      if (name === top) return true;
      if (!name.startsWith(`${top}/`)) return false;
      return name.slice(top.length + 1).split("/").length <= depth;
    }),
  );
}

function formatValue(octets: string): string {
  return octets.includes("\0") ? `~{${octets.length}}\r\n${octets}` : formatString(octets);
}
