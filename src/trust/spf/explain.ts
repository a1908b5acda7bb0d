import type { Resolver } from "../../net/resolver.ts";
import { findAsciiDomain } from "../names.ts";
import type { MacroString, MacroValues } from "./macros.ts";
import { expandMacros, expandName, parseMacros, usesLetters } from "./macros.ts";

/** Longest explanation that is passed on, characters: it goes into an SMTP reply. */
const lengthMax = 400;

/**
 * What a domain says about its fail (RFC 7208 §6.2); undefined when it says nothing or anything is
 * wrong with it. US-ASCII only.
 */
export async function explainFail(
  exp: MacroString | undefined,
  resolver: Resolver,
  local: string,
  values: MacroValues,
): Promise<string | undefined> {
  const isAscii = /^[\x20-\x7e]*$/.test(local);
  const isSpeakable = (parts: MacroString) => isAscii || !usesLetters(parts, "sl");
  if (exp === undefined || !isSpeakable(exp)) return undefined;
  const name = findAsciiDomain(await expandName(exp, values));
  const answer = name === undefined ? undefined : await resolver.txt(name);
  if (answer?.kind !== "found" || answer.records.length !== 1) return undefined;
  const parts = parseMacros(answer.records[0] ?? "", true);
  if (parts === undefined || !isSpeakable(parts)) return undefined;
  const text = await expandMacros(parts, values, lengthMax);
  return text === "" ? undefined : text.replace(/[^\x20-\x7e]/g, "?");
}
