import { type JourneyId, journeyId } from "../../base/ids.ts";
import type { JourneyReader, JourneyRow, JourneyStep } from "../journeys.ts";
import { wantedHandles } from "../rules/journey-handles.ts";
import { bareMessageId } from "../rules/names.ts";
import type { JourneyIndex } from "./journey-index.ts";
import { textOf } from "./rows.ts";
import type { Statements } from "./statements.ts";
import type { Unflushed } from "./unflushed.ts";

/** What one `journey.append` left. */
interface JourneyPart {
  readonly steps: readonly JourneyStep[];
  readonly messageIdHeader?: string;
  readonly addresses?: readonly string[];
}

export function createSqlJourneys(
  sql: Statements,
  index: JourneyIndex,
  unflushed: Unflushed,
): JourneyReader {
  const partOf = (number: number) => {
    const row = sql.journeyPart.get(number);
    if (row === undefined) return undefined;
    const part: JourneyPart = JSON.parse(textOf(row, "part"));
    return { journey: textOf(row, "journey"), part };
  };
  const read = (journey: string): JourneyRow => {
    const parts: JourneyPart[] = [];
    for (const number of index.find(journey)) {
      const found = partOf(number);
      // The index knows only some bits of an id, and may still name parts that are gone.
      if (found?.journey === journey) parts.push(found.part);
    }
    return joinParts(journeyId(journey), parts.reverse());
  };
  return {
    find: async (handle, limit) => {
      await unflushed.anything();
      const wanted = wantedHandles(handle);
      const found = new Set<string>();
      for (const text of [handle, ...wanted]) {
        for (const number of index.find(text)) {
          if (found.size >= limit) break;
          const part = partOf(number);
          if (part === undefined) continue;
          if (part.journey === handle || hasHandle(part.part, wanted)) found.add(part.journey);
        }
      }
      return Array.from(found, read);
    },
  };
}

function joinParts(journey: JourneyId, parts: readonly JourneyPart[]): JourneyRow {
  const named = parts.find((part) => part.messageIdHeader);
  return {
    journey,
    messageIdHeader: named?.messageIdHeader ?? "",
    addresses: [...new Set(parts.flatMap((part) => part.addresses ?? []))],
    steps: parts.flatMap((part) => part.steps),
  };
}

function hasHandle(part: JourneyPart, wanted: readonly string[]): boolean {
  const { messageIdHeader = "", addresses = [] } = part;
  const own = [bareMessageId(messageIdHeader), ...addresses.map((one) => one.toLowerCase())];
  return own.some((handle) => handle !== "" && wanted.includes(handle));
}
