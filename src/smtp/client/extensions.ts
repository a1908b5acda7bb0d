/** What a server says it can do (RFC 5321 §4.1.1.1), as far as we can use it. */
export interface Extensions {
  /** RFC 2920. */
  readonly pipelining: boolean;
  /** RFC 3207. */
  readonly startTls: boolean;
  /** RFC 6152. */
  readonly eightBitMime: boolean;
  /** RFC 6531. */
  readonly smtpUtf8: boolean;
  /** RFC 3030. */
  readonly chunking: boolean;
  /** RFC 3030. */
  readonly binaryMime: boolean;
  /** RFC 3461. */
  readonly dsn: boolean;
  /** RFC 8689. */
  readonly requireTls: boolean;
  /** RFC 1870: whether SIZE may be given, and the largest message in bytes (0 names none). */
  readonly size: boolean;
  readonly sizeBytesMax: number;
  /** RFC 4954: mechanisms in upper case. */
  readonly auth: readonly string[];
  /** RFC 9422 §4.2 LIMITS: most recipients and messages that it wants; undefined when not told. */
  readonly recipientsMax: number | undefined;
  readonly messagesMax: number | undefined;
}

/** Reads the lines of an answer to EHLO; those of an answer to HELO give no extensions. */
export function parseExtensions(lines: readonly string[]): Extensions {
  const words = new Map<string, readonly string[]>();
  for (const line of lines.slice(1)) {
    // "AUTH=LOGIN" is what old servers and clients said before RFC 2554.
    const [keyword = "", ...parameters] = line
      .trim()
      .toUpperCase()
      .replace(/^AUTH=/, "AUTH ")
      .split(/ +/);
    words.set(keyword, [...(words.get(keyword) ?? []), ...parameters]);
  }
  const limits = words.get("LIMITS") ?? [];
  return {
    pipelining: words.has("PIPELINING"),
    startTls: words.has("STARTTLS"),
    eightBitMime: words.has("8BITMIME"),
    smtpUtf8: words.has("SMTPUTF8"),
    chunking: words.has("CHUNKING"),
    binaryMime: words.has("BINARYMIME"),
    dsn: words.has("DSN"),
    requireTls: words.has("REQUIRETLS"),
    size: words.has("SIZE"),
    sizeBytesMax: parseNumber(words.get("SIZE")?.[0]) ?? 0,
    auth: [...new Set(words.get("AUTH") ?? [])],
    recipientsMax: findLimit(limits, "RCPTMAX"),
    messagesMax: findLimit(limits, "MAILMAX"),
  };
}

export const noExtensions: Extensions = parseExtensions([]);

function findLimit(limits: readonly string[], name: string): number | undefined {
  const value = parseNumber(
    limits.find((limit) => limit.startsWith(`${name}=`))?.slice(name.length + 1),
  );
  return value === undefined || value === 0 ? undefined : value;
}

function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
