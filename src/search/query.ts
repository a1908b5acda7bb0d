import type { MessageId, ThreadId } from "../base/ids.ts";
import type { SearchField } from "./search-text.ts";

/** First and last, in any order, both included; `Infinity` stands for the last there is. */
export type QueryRange = readonly [first: number, last: number];

/** Date of arrival, of the Date field, or of when it came into the mailbox. */
export type QueryDate = "internal" | "sent" | "saved";

/**
 * What to look for in a mailbox: one model for IMAP SEARCH (RFC 9051 §6.4.4) and JMAP's filters.
 * Texts are as people write them: the search folds them (message/fold.ts) and matches substrings.
 */
export type Query =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly queries: readonly Query[] }
  | { readonly kind: "not"; readonly query: Query }
  /** Sequence numbers or UIDs, in the view that is searched. */
  | { readonly kind: "seqs" | "uids"; readonly ranges: readonly QueryRange[] }
  /** A bit of `flagBits`. */
  | { readonly kind: "flag"; readonly bit: number; readonly isSet: boolean }
  /** In any letter case. */
  | { readonly kind: "keyword"; readonly keyword: string; readonly isSet: boolean }
  | { readonly kind: "larger" | "smaller"; readonly bytes: number }
  /**
   * From `startMs` (included) to `endMs` (excluded). For `sent` they are days as the Date field
   * has them, whatever its zone, written as if in UTC (RFC 9051 §6.4.4 SENTON).
   */
  | {
      readonly kind: "date";
      readonly of: QueryDate;
      readonly startMs: number;
      readonly endMs: number;
    }
  /** RFC 7162 §3.1.5: changed at or after this entry of the log. */
  | { readonly kind: "modSeq"; readonly atLeast: number }
  /** RFC 8474 §5.4. */
  | { readonly kind: "message"; readonly id: MessageId }
  | { readonly kind: "thread"; readonly id: ThreadId }
  | { readonly kind: "attachment"; readonly hasSome: boolean }
  /** In the decoded addresses or subject; an empty text asks whether there is any. */
  | { readonly kind: "field"; readonly field: SearchField; readonly text: string }
  /** In any header field of that name; an empty text asks whether there is one. */
  | { readonly kind: "header"; readonly name: string; readonly text: string }
  /** In the text of the message; `text` also looks into the header. */
  | { readonly kind: "body" | "text"; readonly text: string };
