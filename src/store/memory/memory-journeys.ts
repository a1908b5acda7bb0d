import type { JourneyReader, JourneyRow } from "../journeys.ts";
import { wantedHandles } from "../rules/journey-handles.ts";
import type { MemoryDisk } from "./memory-disk.ts";

export function createMemoryJourneys(disk: MemoryDisk): JourneyReader {
  return {
    find: async (handle, limit) => {
      const found = new Set<JourneyRow>();
      for (const journey of disk.journeys.values()) {
        if (journey.journey === handle) found.add(journey);
      }
      for (const wanted of wantedHandles(handle)) {
        for (const id of (disk.journeyHandles.get(wanted) ?? []).toReversed()) {
          const journey = disk.journeys.get(id);
          if (journey !== undefined) found.add(journey);
        }
      }
      return [...found].slice(0, limit);
    },
  };
}
