import { parseDate } from "../../message/dates.ts";
import { type Test, verdictOf } from "./verdict.ts";

const dayMs = 86_400_000;

/**
 * RFC 9051 §6.4.4 SENTBEFORE, SENTON, SENTSINCE: the day that the Date field names, whatever its
 * zone. No zone is more than a day from UTC, so the instant decides except near the borders, where
 * the field is read out of the envelope.
 */
export function sentTest(startMs: number, endMs: number): Test {
  return ({ light, envelope }) => {
    if (light === undefined) return "maybe";
    const { sentAtMs } = light;
    if (sentAtMs < startMs - dayMs || sentAtMs >= endMs + dayMs) return "no";
    if (sentAtMs >= startMs + dayMs && sentAtMs < endMs - dayMs) return "yes";
    if (envelope === undefined) return "maybe";
    const written = /^\("([^"\\]*)"/.exec(envelope)?.[1];
    const date = written === undefined ? undefined : parseDate(written);
    const localMs = date === undefined ? sentAtMs : date.ms + date.zoneMinutes * 60_000;
    return verdictOf(localMs >= startMs && localMs < endMs);
  };
}
