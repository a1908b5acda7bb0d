import { type JourneyId, journeyId } from "../../base/ids.ts";
import type { JourneyReader, JourneyRow, JourneyStep } from "../journeys.ts";
import { wantedHandles } from "../rules/journey-handles.ts";
import { bareMessageId } from "../rules/names.ts";
import { textKey } from "../rules/threads.ts";
import { int8s, texts } from "./array-parameter.ts";
import type { ReaderPool } from "./reader-pool.ts";
import { type Row, textOf } from "./rows.ts";
import { statement } from "./statement.ts";

const sql = {
  found: statement(
    "journeysFound",
    `SELECT journey, part FROM journey_part WHERE handles && $1::int8[]
       ORDER BY number DESC LIMIT $2`,
  ),
  parts: statement(
    "journeyParts",
    `SELECT journey, part FROM journey_part
       WHERE handles && $1::int8[] AND journey = ANY($2::text[]) ORDER BY number`,
  ),
} as const;

/** What one `journey.append` left. */
interface JourneyPart {
  readonly steps: readonly JourneyStep[];
  readonly messageIdHeader?: string;
  readonly addresses?: readonly string[];
}

/** A message is recorded in a handful of parts; this many of one journey are looked through. */
const partsPerJourney = 100;

export function createPostgresJourneys(pool: ReaderPool): JourneyReader {
  return {
    find: async (handle, limit) => {
      const wanted = wantedHandles(handle);
      const keys = [...new Set([handle, ...wanted].map(textKey))];
      const found = new Set<string>();
      const rowsMax = limit * partsPerJourney;
      for (const row of await pool.query(sql.found, [int8s(keys), rowsMax])) {
        if (found.size >= limit) break;
        const journey = textOf(row, "journey");
        // The key is only a hash of a handle.
        if (journey === handle || hasHandle(partOf(row), wanted)) found.add(journey);
      }
      if (found.size === 0) return [];
      const ids = [...found];
      const parts = new Map<string, JourneyPart[]>(ids.map((id) => [id, []]));
      for (const row of await pool.query(sql.parts, [int8s(ids.map(textKey)), texts(ids)])) {
        parts.get(textOf(row, "journey"))?.push(partOf(row));
      }
      return Array.from(parts, ([id, own]) => joinParts(journeyId(id), own));
    },
  };
}

function partOf(row: Row): JourneyPart {
  return JSON.parse(textOf(row, "part"));
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
