import { trimBlanks } from "../grammar/blanks.ts";
import { rawValue } from "../headers.ts";
import type { Header } from "../headers.ts";
import type { MessageLimits } from "../limits.ts";
import { parseParameterized } from "../parameters.ts";
import type { ParameterizedValue } from "../parameters.ts";
import type { MessagePart } from "../structure.ts";

/** What a part's header says about its body. */
export interface PartFields {
  readonly part: Omit<MessagePart, "headerStart" | "bodyStart" | "bodyEnd">;
  readonly steps: number;
  readonly isTruncated: boolean;
}

type Draft = { -readonly [Key in keyof PartFields["part"]]: PartFields["part"][Key] };

/** RFC 2045 §5.1: a token on both sides of the slash. */
const mediaType = /^([^\s()<>@,;:\\"/[\]?=]+)\s*\/\s*([^\s()<>@,;:\\"/[\]?=]+)$/;
const TYPE_LENGTH_MAX = 127; // RFC 6838 §4.2
const LANGUAGES_MAX = 20;
const ENCODING_LENGTH_MAX = 64;

/** Reads the Content- fields (RFC 2045, 2183, 1864, 3282, 2557); the first of each counts. */
export function readPartFields(
  header: Header,
  isInDigest: boolean,
  limits: MessageLimits,
): PartFields {
  const part: Draft = { ...defaultPart, ...(isInDigest ? digestDefault : undefined) };
  const seen = new Set<string>();
  let steps = 0;
  let isTruncated = false;
  const parameterized = (raw: string): ParameterizedValue => {
    const parsed = parseParameterized(raw, limits);
    steps += parsed.steps;
    if (parsed.isTruncated) isTruncated = true;
    return parsed;
  };
  for (const field of header.fields) {
    if (!field.name.startsWith("content-") || seen.has(field.name)) continue;
    seen.add(field.name);
    const raw = rawValue(header, field);
    switch (field.name) {
      case "content-type":
        applyType(part, parameterized(raw));
        break;
      case "content-transfer-encoding":
        part.encoding = firstWord(raw) || "7bit";
        break;
      case "content-disposition": {
        const { value, params } = parameterized(raw);
        if (value !== "") part.disposition = { type: value.toLowerCase(), params };
        break;
      }
      case "content-id":
        if (raw !== "") part.id = raw;
        break;
      case "content-description":
        part.description = raw;
        break;
      case "content-md5":
        part.md5 = raw;
        break;
      case "content-language": {
        const tags = raw.split(",", LANGUAGES_MAX).map((tag) => trimBlanks(tag));
        part.language = tags.filter((tag) => tag !== "");
        break;
      }
      case "content-location":
        part.location = raw.replace(/[ \t]+/g, "");
        break;
      default:
    }
  }
  return { part, steps, isTruncated };
}

const defaultPart: Draft = { type: "text", subtype: "plain", params: [], encoding: "7bit" };
/** RFC 2046 §5.1.5. */
const digestDefault: Partial<Draft> = { type: "message", subtype: "rfc822" };

function applyType(part: Draft, { value, params }: ParameterizedValue): void {
  const match = value.length <= TYPE_LENGTH_MAX * 2 + 1 ? mediaType.exec(value) : undefined;
  const [, type, subtype] = match ?? [];
  part.type = type?.toLowerCase() ?? "text";
  part.subtype = subtype?.toLowerCase() ?? "plain";
  part.params = params;
}

function firstWord(raw: string): string {
  const [word = ""] = trimBlanks(raw.slice(0, 1000).replace(/\([^()]*\)/g, " ")).split(/[ \t;]/, 1);
  return word.slice(0, ENCODING_LENGTH_MAX).toLowerCase();
}
