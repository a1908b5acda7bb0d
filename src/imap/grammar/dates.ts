import type { Scanner } from "./scanner.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * RFC 9051 §9 date, quoted or not, as the day's start in UTC, milliseconds since 1970. Search
 * disregards time and zone (RFC 9051 §6.4.4).
 */
export function parseDate(scanner: Scanner): number {
  const isQuoted = scanner.skip('"');
  const match = takeMatch(scanner, /(\d{1,2})-([A-Za-z]{3})-(\d{4})/y);
  const dayStart = match === undefined ? undefined : dayOf(match[1], match[2], match[3]);
  if (dayStart === undefined) throw scanner.error("Expected a date like 1-Feb-2026.");
  if (isQuoted) scanner.expect('"', "the end of the quoted date");
  return dayStart;
}

/** RFC 9051 §9 date-time, milliseconds since 1970. */
export function parseDateTime(scanner: Scanner): number {
  const match = takeMatch(
    scanner,
    /"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"/y,
  );
  const dayStart = match === undefined ? undefined : dayOf(match[1], match[2], match[3]);
  if (match === undefined || dayStart === undefined) {
    throw scanner.error('Expected a date like " 1-Feb-2026 12:34:56 +0100".');
  }
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  const zoneMinutes = Number(match[8]) * 60 + Number(match[9]);
  if (hour > 23 || minute > 59 || second > 60) throw scanner.error("There is no such time of day.");
  const localMs = dayStart + hour * 60 * minuteMs + minute * minuteMs + second * 1000;
  return localMs - (match[7] === "-" ? -zoneMinutes : zoneMinutes) * minuteMs;
}

/** Date with time in UTC, quoted: `"01-Feb-2026 11:34:56 +0000"`. */
export function formatDateTime(ms: number): string {
  const date = dateOf(ms);
  return `"${date} ${timeOf(ms)} +0000"`;
}

/** Formats many dates that are near to each other: the day's text is made once per day. */
export function dateTimeFormatter(): (ms: number) => string {
  let knownDay = NaN;
  let dayText = "";
  return (ms) => {
    const day = Math.floor(ms / dayMs);
    if (day !== knownDay) {
      knownDay = day;
      dayText = dateOf(ms);
    }
    return `"${dayText} ${timeOf(ms)} +0000"`;
  };
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function timeOf(ms: number): string {
  const seconds = Math.floor((((ms % dayMs) + dayMs) % dayMs) / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** Civil date from a day number (Howard Hinnant's algorithm), since years run 0 to 9999 here. */
function dateOf(ms: number): string {
  const shifted = Math.floor(ms / dayMs) + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 2 : shiftedMonth - 10;
  const year = yearOfEra + era * 400 + (month <= 1 ? 1 : 0);
  return `${two(day)}-${months[month] ?? ""}-${String(year).padStart(4, "0")}`;
}

function takeMatch(scanner: Scanner, sticky: RegExp): RegExpExecArray | undefined {
  sticky.lastIndex = scanner.at;
  const match = sticky.exec(scanner.text);
  if (match === null) return undefined;
  scanner.at += match[0].length;
  scanner.steps += match[0].length;
  return match;
}

function dayOf(day = "", monthName = "", year = ""): number | undefined {
  const month = months.findIndex((name) => name.toUpperCase() === monthName.toUpperCase());
  const dayNumber = Number(day);
  if (month < 0 || dayNumber < 1) return undefined;
  const ms = daysFromCivil(Number(year), month + 1, dayNumber) * dayMs;
  // A day that the month does not have would come out as one of the next month.
  return dateOf(ms) === `${two(dayNumber)}-${months[month] ?? ""}-${year}` ? ms : undefined;
}

function daysFromCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
