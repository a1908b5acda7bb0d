/** A subject without its reply and forward marks, and whether it had any (RFC 5256 §2.1). */
export interface BaseSubject {
  readonly text: string;
  readonly isReplyOrForward: boolean;
}

const LENGTH_MAX = 998;

/**
 * Takes the base subject out of a decoded subject (RFC 5256 §2.1): white space runs become one
 * space; trailing `(fwd)`, leading `Re:`, `Fw:`, `Fwd:` with their `[…]`, leading `[…]` and the
 * frame `[Fwd: …]` go, as often as they stand there. Linear.
 */
export function findBaseSubject(subject: string): BaseSubject {
  let text = subject.slice(0, LENGTH_MAX).replace(/\s+/g, " ").trim();
  let isReplyOrForward = false;
  for (;;) {
    const untrailed = withoutTrailers(text);
    const unled = withoutLeaders(untrailed);
    if (untrailed !== text || unled.isReplyOrForward) isReplyOrForward = true;
    text = unled.text;
    if (!/^\[fwd:.*\]$/i.test(text)) return { text, isReplyOrForward };
    text = text.slice(5, -1).trim();
    isReplyOrForward = true;
  }
}

function withoutTrailers(text: string): string {
  let rest = text;
  while (/\(fwd\)$/i.test(rest)) rest = rest.slice(0, -5).trimEnd();
  return rest;
}

function withoutLeaders(text: string): BaseSubject {
  let at = 0;
  let isReplyOrForward = false;
  const leader = /(?:\[[^[\]]*\] *)*(?:re|fwd?) *(?:\[[^[\]]*\] *)?: */iy;
  for (;;) {
    leader.lastIndex = at;
    const match = leader.exec(text);
    if (match === null) break;
    isReplyOrForward = true;
    at += match[0].length;
  }
  // Blobs that no mark follows go too, unless nothing would be left. A mark cannot follow now.
  const blobs = /(?:\[[^[\]]*\] *)+/y;
  blobs.lastIndex = at;
  const match = blobs.exec(text);
  if (match === null) return { text: text.slice(at), isReplyOrForward };
  const rest = text.slice(at + match[0].length);
  const lastBlob = match[0].slice(match[0].lastIndexOf("["));
  return { text: rest === "" ? lastBlob.trim() : rest, isReplyOrForward };
}
