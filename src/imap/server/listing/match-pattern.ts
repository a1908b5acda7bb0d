import { Refusal } from "../../../base/faults.ts";

/** Most wildcards in one pattern; each costs a little for every character of every name. */
export const wildcardsMax = 24;

/**
 * Whether names match a LIST pattern: "*" stands for anything, "%" for anything without "/"
 * (RFC 9051 §6.3.9). Follows all ways at once, so that no pattern takes more than its length times
 * the name's.
 */
export function patternMatcher(pattern: string): (name: string) => boolean {
  const tokens = [...pattern.replace(/[*%]*\*[*%]*/g, "*").replace(/%+/g, "%")];
  if (tokens.filter(isWildcard).length > wildcardsMax) {
    throw new Refusal("limit", "The pattern has too many wildcards.");
  }
  const matches = (name: string) => matchTokens(tokens, name);
  // INBOX is the same in any letter case (RFC 9051 §5.1).
  const inboxMatches = matchTokens(
    tokens.map((token) => token.toUpperCase()),
    "INBOX",
  );
  return (name) => (name === "INBOX" ? inboxMatches : matches(name));
}

function isWildcard(token: string): boolean {
  return token === "*" || token === "%";
}

function matchTokens(tokens: readonly string[], name: string): boolean {
  let states = withEmptyWildcards(tokens, new Set([0]));
  for (const char of name) {
    const next = new Set<number>();
    for (const at of states) {
      const token = tokens[at];
      if (token === "*" || (token === "%" && char !== "/")) next.add(at);
      else if (token === char && !isWildcard(token)) next.add(at + 1);
    }
    if (next.size === 0) return false;
    states = withEmptyWildcards(tokens, next);
  }
  return states.has(tokens.length);
}

/** A wildcard may stand for nothing: whoever is before it is behind it too. */
function withEmptyWildcards(tokens: readonly string[], states: Set<number>): Set<number> {
  for (const at of states) if (isWildcard(tokens[at] ?? "")) states.add(at + 1);
  return states;
}
