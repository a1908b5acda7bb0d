import { digestMessage } from "../message/digest.ts";
import { storedSearchText } from "../search/search-text.ts";
import type { MessageFacts } from "../store/mail-changes.ts";

/**
 * What the store keeps of a message so that no door parses it again: the digest in the form of
 * the store's columns. About 25 µs for 4 KiB; never fails, whatever the bytes.
 */
export function messageFacts(bytes: Uint8Array, internalDateMs: number): MessageFacts {
  const digest = digestMessage(bytes);
  const search = storedSearchText(digest.searchText);
  return {
    structure: JSON.stringify(digest.structure),
    envelope: digest.envelope,
    bodyStructure: digest.bodyStructure,
    preview: digest.preview,
    messageIdHeader: digest.messageId ?? "",
    references: digest.references,
    baseSubject: digest.baseSubject,
    sentAtMs: digest.dateMs ?? internalDateMs,
    hasAttachment: digest.hasAttachment,
    searchHeaders: search.headers,
    searchBody: search.body,
  };
}
