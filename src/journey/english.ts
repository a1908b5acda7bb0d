import type { StepFacts } from "./recorder.ts";

/** A sentence for one kind of step. A language is a table of these. */
export type Phrase = (fact: FactReader) => string;
export type Phrases = ReadonlyMap<string, Phrase>;

/** Reads facts as text: "" for those that are missing. */
export type FactReader = (name: string) => string;

export function factReader(facts: StepFacts): FactReader {
  return (name) => {
    const value = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (value === undefined) return "";
    return typeof value === "object" ? value.join(", ") : String(value);
  };
}

function optional(text: string, before: string, after = ""): string {
  return text === "" ? "" : `${before}${text}${after}`;
}

/** Sender addresses: the empty one is that of notices. */
function senderName(address: string): string {
  return address === "" ? "the null sender (a notice)" : address;
}

/** Which host spoke; without one nobody was reached and the words are ours. */
function answerer(fact: FactReader): string {
  return fact("host") === "" ? "this server" : fact("host");
}

/** The remote's own words, and how private they were. */
function remoteWords(fact: FactReader): string {
  const code = fact("code") === "0" ? "" : fact("code");
  const words = [code, fact("status"), fact("text")].filter((word) => word !== "").join(" ");
  return optional(words, ": ") + optional(fact("tls"), " (", ")");
}

function by(fact: FactReader): string {
  return optional(fact("by"), " by ");
}

export const english: Phrases = new Map<string, Phrase>([
  [
    "smtp.connected",
    (fact) =>
      `${fact("address")} connected to port ${fact("port")} (${fact("role")})` +
      optional(fact("tls"), " with "),
  ],
  ["smtp.earlyTalker", (fact) => `it talked before the ${fact("before")}, unlike a mail program`],
  ["smtp.greeted", (fact) => `it called itself ${fact("name")}`],
  ["smtp.tls", (fact) => `the connection went on with ${fact("tls")}`],
  [
    "smtp.client",
    (fact) =>
      `${fact("by")} spoke for ${fact("address") || fact("name") || "somebody"}` +
      optional(fact("login"), ", logged in as "),
  ],
  [
    "smtp.origin",
    (fact) => `${fact("by")} had it from ${fact("address") || fact("name") || "somebody"}`,
  ],
  ["smtp.loggedIn", (fact) => `${fact("address")} logged in with ${fact("mechanism")}`],
  [
    "smtp.mail",
    (fact) =>
      `a message from ${senderName(fact("sender"))} was announced` +
      optional(fact("declaredBytes"), " with ", " bytes"),
  ],
  ["smtp.recipient", (fact) => `recipient ${fact("address")} was accepted`],
  [
    "smtp.recipientRefused",
    (fact) =>
      `recipient ${fact("address")} was refused: ${fact("reason")}` +
      optional(fact("text"), " (", ")"),
  ],
  ["smtp.received", (fact) => `the message arrived whole, ${fact("bytes")} bytes`],
  ["smtp.refused", (fact) => `the message was refused (${fact("reason")}): ${fact("text")}`],
  [
    "trust.judged",
    (fact) =>
      fact("dns") === "off"
        ? "who sent it was not checked: DNS is off"
        : `SPF ${fact("spf")}, DKIM ${fact("dkim")}, DMARC ${fact("dmarc")}` +
          optional(fact("from"), " for ") +
          optional(fact("policy"), " (its owner asks: ", ")") +
          optional(fact("problem"), "; "),
  ],
  ["trust.signed", (fact) => `signed for ${fact("domain")} with ${fact("selectors")}`],
  ["trust.notSigned", (fact) => `not signed: ${fact("why")}`],
  [
    "delivery.stored",
    (fact) =>
      `stored for ${fact("account")} in ${fact("mailbox")}` +
      optional(fact("detail"), " (subaddress ", ")"),
  ],
  ["delivery.failed", (fact) => `not stored for ${fact("account")}: ${fact("reason")}`],
  [
    "delivery.queued",
    (fact) =>
      `queued to be sent to ${fact("recipients")}` +
      optional(fact("forwardedBy"), ", where ", " leads"),
  ],
  ["delivery.noticeKept", (fact) => `a notice was kept for ${fact("recipient")}`],
  [
    "queue.delivered",
    (fact) => `${answerer(fact)} took it for ${fact("recipient")}${remoteWords(fact)}`,
  ],
  [
    "queue.delayed",
    (fact) =>
      `attempt ${fact("attempt")} for ${fact("recipient")} put off by ` +
      `${answerer(fact)}${remoteWords(fact)}`,
  ],
  [
    "queue.failed",
    (fact) => `${answerer(fact)} refused it for ${fact("recipient")}${remoteWords(fact)}`,
  ],
  [
    "queue.expired",
    (fact) =>
      `given up for ${fact("recipient")} after ${fact("attempt")} attempts${remoteWords(fact)}`,
  ],
  ["queue.released", (fact) => `not tried for ${fact("recipient")}: ${fact("why")}`],
  ["queue.noticeSent", (fact) => `${fact("to")} is told: ${fact("action")} for ${fact("about")}`],
  ["queue.noticeDropped", (fact) => `nobody is told: ${fact("action")} for ${fact("about")}`],
  ["queue.retryAsked", (fact) => `an attempt was asked for${by(fact)}`],
  ["queue.held", (fact) => `put on hold${by(fact)}`],
  ["queue.unheld", (fact) => `let go again${by(fact)}`],
  ["queue.removed", (fact) => `taken out of the queue${by(fact)}`],
  ["journey.dropped", (fact) => `${fact("steps")} more steps were not kept`],
]);
