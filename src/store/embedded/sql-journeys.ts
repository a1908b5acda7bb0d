import { type JourneyId, journeyId } from "../../base/ids.ts";
import type { JourneyReader, JourneyRow, JourneyStep } from "../journeys.ts";
import { wantedHandles } from "../rules/journey-handles.ts";
import { bareMessageId } from "../rules/names.ts";
import { textKey } from "../rules/threads.ts";
import { textOf } from "./rows.ts";
import type { Statements } from "./statements.ts";

/** What one `journey.append` left. */
interface JourneyPart {
  readonly steps: readonly JourneyStep[];
  readonly messageIdHeader?: string;
  readonly addresses?: readonly string[];
}

export function createSqlJourneys(sql: Statements): JourneyReader {
  const find = (journey: JourneyId): JourneyRow | undefined => {
    const parts = sql.journeyParts
      .all(journey)
      .map((row): JourneyPart => JSON.parse(textOf(row, "part")));
    return parts.length === 0 ? undefined : joinParts(journey, parts);
  };
  return {
    find: async (handle, limit) => {
      const found = new Map<JourneyId, JourneyRow>();
      const take = (journey: JourneyId, isMeant: (row: JourneyRow) => boolean) => {
        const row = found.has(journey) ? undefined : find(journey);
        if (row !== undefined && isMeant(row)) found.set(journey, row);
      };
      take(journeyId(handle), () => true);
      const wanted = wantedHandles(handle);
      for (const text of wanted) {
        for (const row of sql.journeysOfHandle.iterate(textKey(text))) {
          if (found.size >= limit) break;
          // The index knows only 48 bits of the handle.
          take(journeyId(textOf(row, "journey")), (journey) => hasHandle(journey, wanted));
        }
      }
      return [...found.values()].slice(0, limit);
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

function hasHandle(row: JourneyRow, wanted: readonly string[]): boolean {
  const own = [
    bareMessageId(row.messageIdHeader),
    ...row.addresses.map((one) => one.toLowerCase()),
  ];
  return own.some((handle) => wanted.includes(handle));
}
