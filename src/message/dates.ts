/** A date of a header: the instant and the zone it was written in. */
export interface MessageDate {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly ms: number;
  /** Minutes east of UTC. */
  readonly zoneMinutes: number;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun"].concat([
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
]);

/** RFC 5322 §4.3; the single letters of RFC 822 were defined wrongly and mean UTC. */
const zones: ReadonlyMap<string, number> = new Map([
  ["edt", -240],
  ["est", -300],
  ["cdt", -300],
  ["cst", -360],
  ["mdt", -360],
  ["mst", -420],
  ["pdt", -420],
  ["pst", -480],
  // Not in any RFC, but in mail of central Europe.
  ["cet", 60],
  ["cest", 120],
  ["met", 60],
  ["mest", 120],
  ["eet", 120],
  ["eest", 180],
  ["bst", 60],
]);

const DATE_LENGTH_MAX = 200;
const pattern =
  /^(?:[a-z]{2,9}\.?,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?[\s-]+(\d{2,4})\s+(\d{1,2})\s*[:.]\s*(\d{1,2})(?:\s*[:.]\s*(\d{1,2})(?:\.\d+)?)?\s*(?:([+-])(\d{1,2}):?(\d{2})|([a-z]{1,5}))?/i;
/** The order of C's asctime and of old mail programs: `Mon Nov 23 07:24:52 2026 [zone]`. */
const asctimePattern =
  /^(?:[a-z]{3,9},?\s+)?([a-z]{3})[a-z]*\s+(\d{1,2}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+(?:([+-]\d{4}|[a-z]{1,5})\s+)?(\d{4})(?:\s+([+-]\d{4}))?/i;

/**
 * Reads a date-time of RFC 5322 §3.3 with the obsolete forms of §4.3 (comments, two- and
 * three-digit years, named zones) and the order of asctime. An unknown zone is UTC. `undefined` for
 * what is no date, such as the 31st of February.
 */
export function parseDate(text: string): MessageDate | undefined {
  const plain = text
    .slice(0, DATE_LENGTH_MAX)
    .replace(/\([^()]*\)?/g, " ")
    .trim();
  const match = pattern.exec(plain);
  if (match !== null) {
    const [, day, month = "", year = "", hour, minute, second, sign, hours, minutes, zone] = match;
    const offset =
      sign === undefined
        ? (zones.get((zone ?? "").toLowerCase()) ?? 0)
        : signed(sign, Number(hours) * 60 + Number(minutes));
    return toDate(fullYear(year), month, Number(day), [hour, minute, second].map(orZero), offset);
  }
  const asctime = asctimePattern.exec(plain);
  if (asctime === null) return undefined;
  const [, month = "", day, hour, minute, second, before, year, after] = asctime;
  const offset = zoneMinutesOf(before ?? after ?? "");
  return toDate(Number(year), month, Number(day), [hour, minute, second].map(orZero), offset);
}

function orZero(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits);
}

function zoneMinutesOf(zone: string): number {
  const digits = /^([+-])(\d{2})(\d{2})$/.exec(zone);
  if (digits === null) return zones.get(zone.toLowerCase()) ?? 0;
  return signed(digits[1], Number(digits[2]) * 60 + Number(digits[3]));
}

function signed(sign: string | undefined, minutes: number): number {
  return sign === "-" ? 0 - minutes : minutes;
}

/** RFC 5322 §4.3: 00 to 49 is 2000 to 2049, 50 to 99 and three digits count from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length >= 4) return year;
  return digits.length === 2 && year < 50 ? 2000 + year : 1900 + year;
}

function toDate(
  year: number,
  monthName: string,
  day: number,
  time: readonly number[],
  zoneMinutes: number,
): MessageDate | undefined {
  const month = months.indexOf(monthName.toLowerCase());
  const [hour = 0, minute = 0, second = 0] = time;
  if (month < 0 || hour > 23 || minute > 59 || second > 60 || year < 1900) return undefined;
  if (Math.abs(zoneMinutes) >= 24 * 60) return undefined;
  const midnight = Date.UTC(year, month, day);
  if (day < 1 || day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) return undefined;
  const ms = midnight + ((hour * 60 + minute - zoneMinutes) * 60 + Math.min(second, 59)) * 1000;
  return { ms, zoneMinutes };
}

const dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Writes a date-time of RFC 5322 §3.3, in the zone that is `zoneMinutes` east of UTC. */
export function formatDate(ms: number, zoneMinutes = 0): string {
  const local = new Date(ms + zoneMinutes * 60_000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const month = months[local.getUTCMonth()] ?? "";
  const monthName = month.charAt(0).toUpperCase() + month.slice(1);
  const day = `${dayNames[local.getUTCDay()] ?? ""}, ${local.getUTCDate()} ${monthName}`;
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two);
  const distance = Math.abs(zoneMinutes);
  const zone = `${zoneMinutes < 0 ? "-" : "+"}${two(distance / 60)}${two(distance % 60)}`;
  return `${day} ${String(local.getUTCFullYear()).padStart(4, "0")} ${time.join(":")} ${zone}`;
}
