/** What kind of value a setting takes, and how it is checked and explained. */
export interface Setting<Value> {
  readonly about: string;
  readonly fallback: Value;
  /** What is allowed, for people: "a whole number from 1 to 100000". */
  readonly allowed: string;
  /** The value as TOML writes it, for the reference page. */
  readonly example: string;
  /**
   * Reads a TOML value, or the text given to `--set`.
   * @returns the value, or undefined when it is not allowed.
   */
  read(value: unknown): Value | undefined;
  /** What is wrong with a value that was not read, where that is more than `allowed` says. */
  explain?(value: unknown): string | undefined;
  /** The value as people may see it; set where it can hold a secret. */
  show?(value: Value): unknown;
}

export type ValueOf<S> = S extends Setting<infer Value> ? Value : never;

export function text(about: string, fallback: string): Setting<string> {
  return {
    about,
    fallback,
    allowed: "text",
    example: JSON.stringify(fallback),
    read: (value) => (typeof value === "string" ? value : undefined),
  };
}

/** A text that may be a URL with a password, which is not shown. */
export function address(about: string, fallback: string): Setting<string> {
  return {
    ...text(about, fallback),
    show: (value) => value.replace(/^([a-z]+:\/\/[^/?#]*?:).*(@)/i, "$1(not shown)$2"),
  };
}

export function flag(about: string, fallback: boolean): Setting<boolean> {
  const words = new Map<unknown, boolean>([
    [true, true],
    [false, false],
    ["true", true],
    ["false", false],
  ]);
  return {
    about,
    fallback,
    allowed: "true or false",
    example: String(fallback),
    read: (value) => words.get(value),
  };
}

export function whole(
  about: string,
  fallback: number,
  range: { readonly from: number; readonly to: number },
): Setting<number> {
  return {
    about,
    fallback,
    allowed: `a whole number from ${range.from} to ${range.to}`,
    example: String(fallback),
    read: (value) => inRange(typeof value === "string" ? digits(value) : value, range),
  };
}

/** Bytes: a number, or text like "50 MiB". */
export function size(
  about: string,
  fallback: string,
  range: { readonly from: string; readonly to: string },
): Setting<number> {
  const bounds = { from: getBytes(range.from), to: getBytes(range.to) };
  return {
    about,
    fallback: getBytes(fallback),
    allowed: `a size from ${range.from} to ${range.to}, like "${fallback}" (B, KiB, MiB, GiB, TiB)`,
    example: JSON.stringify(fallback),
    read: (value) => inRange(typeof value === "string" ? findBytes(value) : value, bounds),
  };
}

/** Milliseconds inside; outside text like "5 minutes". */
export function duration(
  about: string,
  fallback: string,
  range: { readonly from: string; readonly to: string },
): Setting<number> {
  const bounds = { from: getMs(range.from), to: getMs(range.to) };
  return {
    about,
    fallback: getMs(fallback),
    allowed: `a time from ${range.from} to ${range.to}, like "${fallback}" (ms, s, min, h, d)`,
    example: JSON.stringify(fallback),
    read: (value) => (typeof value === "string" ? inRange(findMs(value), bounds) : undefined),
  };
}

export function choice<const Word extends string>(
  about: string,
  fallback: NoInfer<Word>,
  words: readonly Word[],
): Setting<Word> {
  return {
    about,
    fallback,
    allowed: words.map((word) => JSON.stringify(word)).join(" or "),
    example: JSON.stringify(fallback),
    read: (value) => words.find((word) => word === value),
  };
}

/** A list of texts; on the command line separated by commas. */
export function texts(about: string, fallback: readonly string[]): Setting<readonly string[]> {
  return {
    about,
    fallback,
    allowed: 'a list of texts, like ["a", "b"]',
    example: JSON.stringify(fallback),
    read: (value) => {
      if (typeof value === "string")
        return value === "" ? [] : value.split(",").map((v) => v.trim());
      const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
      return isList ? value : undefined;
    },
  };
}

/** Numbers that a schedule waits, as durations. */
export function durations(about: string, fallback: readonly string[]): Setting<readonly number[]> {
  const list = texts(about, fallback);
  return {
    about,
    fallback: fallback.map(getMs),
    allowed: `a list of times, like ${JSON.stringify(fallback.slice(0, 2))}`,
    example: JSON.stringify(fallback),
    read: (value) => {
      const waits = list.read(value)?.map(findMs);
      const known = waits?.filter((wait) => wait !== undefined && wait > 0);
      const isWhole = known !== undefined && known.length > 0 && known.length === waits?.length;
      return isWhole ? known.map(Number) : undefined;
    },
  };
}

function inRange(value: unknown, range: { from: number; to: number }): number | undefined {
  const isFit = typeof value === "number" && Number.isInteger(value);
  return isFit && value >= range.from && value <= range.to ? value : undefined;
}

function digits(value: string): number | undefined {
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

const byteUnits: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
]);

const msUnits: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["second", 1_000],
  ["seconds", 1_000],
  ["min", 60_000],
  ["minute", 60_000],
  ["minutes", 60_000],
  ["h", 3_600_000],
  ["hour", 3_600_000],
  ["hours", 3_600_000],
  ["d", 86_400_000],
  ["day", 86_400_000],
  ["days", 86_400_000],
]);

function findUnits(value: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d{1,15}) ?([a-z]*)$/i.exec(value.trim());
  const unit = units.get((match?.[2] ?? "?").toLowerCase());
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** Bytes of a text like "50 MiB"; undefined when it is none. */
export const findBytes = (value: string): number | undefined => findUnits(value, byteUnits);
const findMs = (value: string) => findUnits(value, msUnits);

function getBytes(value: string): number {
  const bytes = findBytes(value);
  if (bytes === undefined) throw new Error(`not a size: ${value}`);
  return bytes;
}

function getMs(value: string): number {
  const ms = findMs(value);
  if (ms === undefined) throw new Error(`not a time: ${value}`);
  return ms;
}
